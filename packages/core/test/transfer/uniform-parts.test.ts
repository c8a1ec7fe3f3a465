import { describe, expect, it } from 'vitest';
import { createMemoryDriver } from '../../src/memory.js';
import { partSizeAt, planParts } from '../../src/transfer/plan.js';

const { capabilities } = createMemoryDriver();
const MIB = 1024 ** 2;

function planFor(uniform: boolean): ReturnType<typeof planParts> {
  const limits = { minBytes: 5 * MIB, maxBytes: 5120 * MIB, maxParts: 10_000, maxObjectBytes: 5 * MIB * MIB };
  const parts = { ...capabilities.parts!, ...limits, multipleOf: 1, uniform };
  return planParts({ provider: 'lab', capabilities: { ...capabilities, parts }, size: undefined, options: {} });
}

describe('parts of a stream of unknown length', () => {
  it('have one size where the store wants one', () => {
    const plan = planFor(true);
    const sizes = new Set([1, 2, 1000, 5000, 9999].map((number) => partSizeAt(plan, number)));
    expect(sizes).toEqual(new Set([plan.partSize]));
  });

  it('grow where they may', () => {
    const plan = planFor(false);
    expect(partSizeAt(plan, 9999)).toBeGreaterThan(plan.partSize);
  });
});
