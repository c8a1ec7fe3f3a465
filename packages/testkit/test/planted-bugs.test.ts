import { createMemoryDriver } from '@stowage/core/memory';
import { runConformance } from '@stowage/testkit';
import { describe, expect, it } from 'vitest';
import { PLANTED_BUGS } from './planted-bugs.js';

/** Runs some rules of the suite on the memory driver, with a bug in it or without; tells which turned red. */
async function redRules(plant: (typeof PLANTED_BUGS)[number]['plant'], ids: readonly string[]): Promise<string[]> {
  const memory = createMemoryDriver();
  const harness = {
    name: 'planted',
    create: () => plant(memory),
    fetch: (url: string, init?: RequestInit) => memory.handle(new Request(url, init)),
    secrets: ['s3cr3t'],
    largeBytes: 1024 * 1024,
    abortWithinMs: 300,
    timeoutMs: 5_000,
  };
  const { results } = await runConformance(harness, { only: ({ id }) => ids.includes(id) });
  return results.filter(({ id, outcome }) => outcome === 'failed' && ids.includes(id)).map(({ id }) => id);
}

describe('the conformance suite', () => {
  it.each(PLANTED_BUGS)('turns red for a driver that $bug', { timeout: 30_000 }, async ({ plant, red }) => {
    expect((await redRules(plant, red)).sort()).toEqual([...red].sort());
  });

  it('is green in the same rules without a bug', async () => {
    const rules = [...new Set(PLANTED_BUGS.flatMap(({ red }) => red))];
    expect(await redRules((driver) => driver, rules)).toEqual([]);
  });
});
