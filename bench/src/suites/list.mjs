/** Listings in pages of 1,000 keys: what 100,000 cost, and what 1,000,000 hold in memory while they go by. */
import { clientsFor } from '../clients.mjs';
import { runChild } from '../measure/run-child.mjs';
import { runRounds, targetAt } from '../rounds.mjs';

/** @param {import('../rounds.mjs').Context} context */
export function measureList(context) {
  const target = targetAt(context.responder.endpoint);
  const scale = context.quick ? 0.1 : 1;
  const costs = clientsFor('list').map(({ name, file }) => ({
    client: name,
    op: 'list',
    measure: () => {
      const plan = { op: 'list', keys: 100_000 * scale, warmUpKeys: 20_000 * scale };
      return runChild({ file, target, plan }, context.nodeOptions);
    },
  }));
  const memory = clientsFor('list')
    .filter(({ isPeer }) => !isPeer)
    .map(({ name, file }) => ({
      client: name,
      op: 'list-memory',
      measure: () => {
        const plan = { op: 'list-memory', keys: 1_000_000 * scale, warmUpKeys: 20_000 };
        return runChild({ file, target, plan }, context.nodeOptions);
      },
    }));
  return runRounds(context, [...costs, ...memory]);
}
