/** Objects of 1 KiB, 8 requests in flight: what one operation costs a client. */
import { clientsFor } from '../clients.mjs';
import { runChild } from '../measure/run-child.mjs';
import { runRounds, targetAt } from '../rounds.mjs';

const ops = /** @type {const} */ (['get', 'put', 'head', 'delete']);

/** @param {boolean} quick */
function lengths(quick) {
  if (quick) return { warmUp: { minCalls: 300, minMs: 100 }, measured: { minCalls: 500, minMs: 200 } };
  return { warmUp: { minCalls: 3000, minMs: 1000 }, measured: { minCalls: 3000, minMs: 1500 } };
}

/** @param {import('../rounds.mjs').Context} context */
export function measureSmall(context) {
  const target = targetAt(context.responder.endpoint);
  const tasks = ops.flatMap((op) =>
    clientsFor(op).map(({ name, file }) => ({
      client: name,
      op,
      measure: () =>
        runChild({ file, target, plan: { op, inFlight: 8, ...lengths(context.quick) } }, context.nodeOptions),
    })),
  );
  return runRounds(context, tasks);
}
