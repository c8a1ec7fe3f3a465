import { afterEach, describe, expect, it, vi } from 'vitest';
import { StorageError } from '../../src/errors/storage-error.js';
import { failureOf, type LabOptions, openLab } from './lab.js';

afterEach(() => void vi.useRealTimers());

const MIB = 1024 ** 2;
const content = Buffer.alloc(12 * MIB, 'copied in parts ');
const tooLarge: LabOptions = {
  facts: { copy: { maxBytes: 10 * MIB } },
  before: (call) => {
    if (call === 'copy.copy') throw new StorageError('invalid-argument', 'The source is too large.');
  },
};

describe('an object that is too large for one copy', () => {
  it('is copied in parts inside the store, with its attributes and tags', async () => {
    const { box, calls } = await openLab(tooLarge);
    const object = await box.put('k', content, { contentType: 'a/b', metadata: { x: 'y' }, tags: { t: '1' } });
    calls.length = 0;
    const copy = await object.copyTo({ key: 'c' }, { partSize: 5 * MIB });
    expect(copy.size).toBe(content.length);
    expect(calls.filter((call) => call === 'parts.copy')).toHaveLength(3);
    expect(calls.some((call) => call === 'read' || call === 'put' || call === 'parts.put')).toBe(false);
    const seen = await copy.stat();
    expect(seen.contentType).toBe('a/b');
    expect({ ...seen.metadata }).toEqual({ x: 'y' });
    expect((await copy.bytes()).equals(content)).toBe(true);
  });

  it('that changes meanwhile makes no copy and leaves no parts', async () => {
    let replaced = false;
    const lab = await openLab({
      ...tooLarge,
      facts: { copy: { maxBytes: 10 * MIB, conditions: [] } },
      after: async (call, result) => {
        if (call === 'parts.copy' && !replaced) {
          replaced = true;
          await lab.box.put('k', 'another');
        }
        return result;
      },
    });
    const object = await lab.box.put('k', content);
    const failure = await failureOf(object.copyTo({ key: 'c' }, { partSize: 12 * MIB }));
    expect(failure.code).toBe('precondition-failed');
    expect(await lab.box.exists('c')).toBe(false);
    const left = [];
    for await (const upload of lab.box.listUploads()) left.push(upload);
    expect(left).toEqual([]);
  });
});

describe('a copy that takes the store several calls', () => {
  let step = 0;
  const inSteps = (bytesOf: (step: number) => number, steps: number): LabOptions => ({
    after: (call, result) => {
      if (call !== 'copy.copy') return result;
      step += 1;
      const partly = { record: { key: 'c', size: 30 }, next: `t${String(step)}`, copiedBytes: bytesOf(step) };
      return step < steps ? partly : result;
    },
  });

  it('is made to its end, and tells how far it came', async () => {
    step = 0;
    const { box, calls } = await openLab(inSteps((at) => at * 10, 3));
    const seen: unknown[] = [];
    const object = await box.put('k', 'content');
    const copy = await object.copyTo({ key: 'c' }, { onProgress: (progress) => void seen.push(progress) });
    expect((await copy.bytes()).toString()).toBe('content');
    expect(calls.filter((call) => call === 'copy.copy')).toHaveLength(3);
    expect(seen).toEqual([
      { transferred: 10, total: 30 },
      { transferred: 20, total: 30 },
    ]);
  });

  it('is asked for no sooner than the store says, and as often as it takes', async () => {
    vi.useFakeTimers();
    let asked = 0;
    const { box } = await openLab({
      after: (call, result) => {
        if (call !== 'copy.copy' || ++asked === 20) return result;
        return { record: { key: 'c', size: 30 }, next: 'same', copiedBytes: 0, waitMs: 1000 };
      },
    });
    const object = await box.put('k', 'content');
    const copying = object.copyTo({ key: 'c' });
    await vi.advanceTimersByTimeAsync(9_500);
    expect(asked).toBe(10);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await (await copying).bytes()).toString()).toBe('content');
  });

  it('ends with its signal while it waits', async () => {
    const { box } = await openLab({
      after: (call, result) =>
        call === 'copy.copy' ? { record: { key: 'c', size: 30 }, next: 'same', waitMs: 3_600_000 } : result,
    });
    const object = await box.put('k', 'content');
    const controller = new AbortController();
    const copying = failureOf(
      object.copyTo({ key: 'c' }, { signal: controller.signal, onProgress: () => controller.abort() }),
    );
    expect((await copying).code).toBe('aborted');
  });

  it('ends at its deadline, however many calls it is', async () => {
    vi.useFakeTimers();
    const { box } = await openLab({
      after: (call, result) =>
        call === 'copy.copy' ? { record: { key: 'c', size: 30 }, next: 'same', waitMs: 1000 } : result,
    });
    const object = await box.put('k', 'content');
    const copying = failureOf(object.copyTo({ key: 'c' }, { timeoutMs: 5_500 }));
    await vi.advanceTimersByTimeAsync(6_000);
    expect((await copying).code).toBe('timeout');
  });

  it('ends when the store copies nothing any more', async () => {
    step = 0;
    const { box } = await openLab(inSteps(() => 10, 1000));
    const object = await box.put('k', 'content');
    expect((await failureOf(object.copyTo({ key: 'c' }))).message).toContain('no progress');
    expect(step).toBeLessThan(20);
  });
});
