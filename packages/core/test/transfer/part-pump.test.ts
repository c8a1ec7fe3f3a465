import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BytesBody } from '../../src/transfer/body.js';
import { pumpParts } from '../../src/transfer/part-pump.js';
import type { ReadPart } from '../../src/transfer/part-reader.js';

interface Pumped {
  readonly read: number[];
  readonly sent: number[];
  readonly mostHeldBytes: number;
  readonly mostAtOnce: number;
  readonly failure: unknown;
}

interface Setting {
  readonly sizes: readonly number[];
  readonly concurrency: number;
  readonly budgetBytes: number;
  readonly signal?: AbortSignal;
  /** Turns of the event loop that each part takes. */
  turns?(number: number): number;
  onSend?(number: number, signal: AbortSignal): Promise<void> | void;
  onRead?(number: number): Promise<void> | void;
}

async function pump(setting: Setting): Promise<Pumped> {
  const { sizes, concurrency, budgetBytes } = setting;
  const [read, sent]: [number[], number[]] = [[], []];
  let [held, mostHeldBytes, atOnce, mostAtOnce] = [0, 0, 0, 0];
  const reader = {
    get nextSize() {
      return sizes[read.length] ?? 0;
    },
    next: async (): Promise<ReadPart | undefined> => {
      const size = sizes[read.length];
      if (size === undefined) return undefined;
      const number = read.push(read.length + 1);
      held += size;
      mostHeldBytes = Math.max(mostHeldBytes, held);
      await setting.onRead?.(number);
      await nextTurn();
      const body = new BytesBody(Buffer.alloc(0));
      const last = number === sizes.length;
      return { number, offset: 0, size, last, body, checksum: undefined, release: () => undefined };
    },
  };
  const send = async ({ number, size }: ReadPart, signal: AbortSignal): Promise<void> => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    try {
      await setting.onSend?.(number, signal);
      for (let turn = setting.turns?.(number) ?? 1; turn > 0; turn--) await nextTurn();
      sent.push(number);
    } finally {
      atOnce--;
      held -= size;
    }
  };
  const signal = setting.signal ?? new AbortController().signal;
  const failure: unknown = await pumpParts({ reader, send, concurrency, budgetBytes, signal }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(atOnce).toBe(0);
  return { read, sent, mostHeldBytes, mostAtOnce, failure };
}

describe('the part pump', () => {
  it('sends every part once, never more at once than asked, never with more memory than its budget', async () => {
    const setting = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 30 }),
      concurrency: fc.integer({ min: 1, max: 6 }),
      slowness: fc.array(fc.nat(4), { minLength: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(setting, async ({ sizes, concurrency, slowness }) => {
        const budgetBytes = 100 * (concurrency + 1);
        const turns = (number: number): number => slowness[number % slowness.length]!;
        const pumped = await pump({ sizes, concurrency, budgetBytes, turns });
        expect(pumped.failure).toBeUndefined();
        expect([...pumped.sent].sort((a, b) => a - b)).toEqual(sizes.map((_, index) => index + 1));
        expect(pumped.mostAtOnce).toBeLessThanOrEqual(concurrency);
        expect(pumped.mostHeldBytes).toBeLessThanOrEqual(budgetBytes);
      }),
    );
  });

  it('has fewer parts under way when they grow, down to one beside the one that is read', async () => {
    const sizes = [10, 10, 10, 10, 10, 20, 20, 20, 20, 50, 50, 50, 400, 400, 400];
    const pumped = await pump({ sizes, concurrency: 4, budgetBytes: 50, turns: () => 5 });
    expect(pumped.sent.length).toBe(sizes.length);
    expect(pumped.mostHeldBytes).toBe(800);
    const small = await pump({ sizes: sizes.slice(0, 9), concurrency: 4, budgetBytes: 50, turns: () => 5 });
    expect(small.mostHeldBytes).toBeLessThanOrEqual(50);
  });

  it('does not read ahead of a consumer that stands still', async () => {
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const read: number[] = [];
    const pumping = pump({
      sizes: Array<number>(50).fill(10),
      concurrency: 3,
      budgetBytes: 40,
      onRead: (number) => void read.push(number),
      onSend: () => gate,
    });
    for (let turn = 0; turn < 100; turn++) await nextTurn();
    expect(read).toEqual([1, 2, 3, 4]);
    go();
    expect((await pumping).sent.length).toBe(50);
  });

  it('stops reading at the first failure, aborts what is under way, waits for it and throws that failure', async () => {
    const aborted: number[] = [];
    const pumped = await pump({
      sizes: Array<number>(50).fill(1),
      concurrency: 4,
      budgetBytes: 5,
      onSend: async (number, signal) => {
        if (number === 3) throw new Error('third');
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        await nextTurn();
        aborted.push(number);
        throw new Error(`late ${number}`);
      },
    });
    expect((pumped.failure as Error).message).toBe('third');
    expect(aborted.sort()).toEqual([1, 2, 4].filter((number) => aborted.includes(number)));
    expect(aborted).toEqual(expect.arrayContaining([1, 2]));
    expect(pumped.read.length).toBeLessThanOrEqual(5);
    expect(pumped.sent).toEqual([]);
  });

  it('throws a failure of the source after the parts under way have ended', async () => {
    const pumped = await pump({
      sizes: [1, 1, 1],
      concurrency: 2,
      budgetBytes: 3,
      onRead: (number) => {
        if (number === 3) throw new Error('source');
      },
    });
    expect((pumped.failure as Error).message).toBe('source');
  });

  it('ends on abort though the source never answers', async () => {
    const control = new AbortController();
    const pumping = pump({
      sizes: [1, 1],
      concurrency: 2,
      budgetBytes: 3,
      signal: control.signal,
      onRead: (number) => (number === 2 ? new Promise(() => undefined) : undefined),
    });
    await nextTurn();
    control.abort(new Error('enough'));
    expect((await pumping).failure).toMatchObject({ code: 'aborted', cause: { message: 'enough' } });
  });

  it('reads nothing when the signal has fired before', async () => {
    const pumped = await pump({ sizes: [1], concurrency: 1, budgetBytes: 2, signal: AbortSignal.abort() });
    expect(pumped.read).toEqual([]);
    expect(pumped.failure).toMatchObject({ code: 'aborted' });
  });
});
