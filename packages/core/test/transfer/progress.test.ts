import { describe, expect, it } from 'vitest';
import { type Progress, ProgressMeter } from '../../src/transfer/progress.js';

function meterAt(clock: { nowMs: number }, total?: number): { meter: ProgressMeter; told: Progress[] } {
  const told: Progress[] = [];
  const meter = new ProgressMeter((progress) => told.push(progress), total, { nowMs: () => clock.nowMs });
  return { meter, told };
}

describe('progress', () => {
  it('is told at most ten times a second, and always at the end', () => {
    const clock = { nowMs: 1_000_000 };
    const { meter, told } = meterAt(clock, 1000);
    for (let step = 0; step < 1000; step++) {
      clock.nowMs += 1;
      meter.add(1);
    }
    meter.finish(1000);
    expect(told.length).toBeLessThanOrEqual(11);
    expect(told[0]).toEqual({ transferred: 1, total: 1000 });
    expect(told.at(-1)).toEqual({ transferred: 1000, total: 1000 });
  });

  it('never goes back, as when a body is sent again', () => {
    const clock = { nowMs: 0 };
    const { meter, told } = meterAt(clock);
    for (const done of [10, 50, 20, 40, 60, 5]) {
      clock.nowMs += 1000;
      meter.reach(done);
    }
    expect(told.map(({ transferred }) => transferred)).toEqual([10, 50, 60]);
  });

  it('tells the total when it is known, and the end once', () => {
    const { meter, told } = meterAt({ nowMs: 0 });
    meter.add(5);
    meter.finish(5);
    meter.finish(5);
    expect(told).toEqual([
      { transferred: 5, total: undefined },
      { transferred: 5, total: 5 },
    ]);
  });
});
