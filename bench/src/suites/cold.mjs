/** Whole processes, from their start: only importing a library (`import`), and to the first object read (`cold`). */
import { clientsFor } from '../clients.mjs';
import { runCold } from '../measure/run-child.mjs';
import { runRounds, targetAt } from '../rounds.mjs';

/** Such processes are short and their figures scatter. */
const RUNS_FACTOR = 4;

/** @param {import('../rounds.mjs').Context} context */
export function measureCold(context) {
  const target = targetAt(context.responder.endpoint);
  const steps = /** @type {const} */ ([
    ['import', 'import'],
    ['cold', 'read'],
  ]);
  const tasks = steps.flatMap(([op, step]) =>
    clientsFor('cold').map(({ name, file }) => ({ client: name, op, measure: () => runCold(step, file, target) })),
  );
  const bare = { client: 'node', op: 'cold', measure: () => runCold('nothing', '', target) };
  const runs = context.quick ? context.runs : context.runs * RUNS_FACTOR;
  return runRounds({ ...context, runs }, [bare, ...tasks]);
}
