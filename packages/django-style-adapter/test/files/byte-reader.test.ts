import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../src/files/byte-reader.js';
import type { ByteSource } from '../../src/files/source.js';

/** Gives `bytes` in chunks of these sizes, over and over, and counts what is asked of it. */
class ChunkedSource implements ByteSource {
  readonly replayable = true;
  readonly knownSize = undefined;
  readonly windowBytes: number | undefined;
  readonly opened: (readonly [start: number, end: number | undefined])[] = [];
  released = 0;
  readonly #bytes: Buffer;
  readonly #sizes: readonly number[];

  constructor(bytes: Buffer, sizes: readonly number[], windowBytes?: number) {
    this.#bytes = bytes;
    this.#sizes = sizes;
    this.windowBytes = windowBytes;
  }

  size = async () => this.#bytes.length;

  async *open(start: number, end = this.#bytes.length) {
    this.opened.push([start, end === this.#bytes.length ? undefined : end]);
    try {
      const last = Math.min(end, this.#bytes.length);
      for (let at = start, turn = 0; at < last; turn += 1) {
        const size = this.#sizes[turn % this.#sizes.length]!;
        yield this.#bytes.subarray(at, Math.min(at + size, last));
        at += size;
      }
    } finally {
      this.released += 1;
    }
  }
}

const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251));

describe('ByteReader', () => {
  it('reads what a buffer would give, whatever is read, skipped and how the source is cut', async () => {
    const step = fc.oneof(
      fc.record({ read: fc.nat(400) }),
      fc.record({ seek: fc.nat(1_100) }),
      fc.constant({ end: true as const }),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 });
    const window = fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), sizes, window, async (steps, cut, windowBytes) => {
        const reader = new ByteReader(new ChunkedSource(bytes, cut, windowBytes));
        let position = 0;
        for (const each of steps) {
          if ('seek' in each) {
            await reader.seek(each.seek);
            position = each.seek;
          } else {
            const expected = bytes.subarray(position, 'read' in each ? position + each.read : undefined);
            expect(await ('read' in each ? reader.read(each.read) : reader.readToEnd())).toEqual(expected);
            position += expected.length;
          }
          expect(reader.position).toBe(position);
        }
      }),
    );
  });

  it('asks for nothing before bytes are wanted', async () => {
    const source = new ChunkedSource(bytes, [100]);
    const reader = new ByteReader(source);
    await reader.seek(500);
    await reader.seek(20);
    await reader.close();
    expect(source.opened).toEqual([]);
  });

  it('asks for a window after a jump, and for all when the reading goes on behind it', async () => {
    const source = new ChunkedSource(bytes, [100], 50);
    const reader = new ByteReader(source);
    await reader.seek(300);
    await reader.read(10);
    await reader.read(10);
    expect(source.opened).toEqual([[300, 350]]);
    await reader.read(100);
    expect(source.opened).toEqual([
      [300, 350],
      [350, undefined],
    ]);
  });

  it('does not ask again for bytes that it holds when it jumps a little ahead', async () => {
    const source = new ChunkedSource(bytes, [100]);
    const reader = new ByteReader(source);
    await reader.read(10);
    await reader.seek(90);
    expect(await reader.read(5)).toEqual(bytes.subarray(90, 95));
    expect(source.opened).toHaveLength(1);
  });

  it('frees the source when it jumps away and when it is closed', async () => {
    const source = new ChunkedSource(bytes, [100]);
    const reader = new ByteReader(source);
    await reader.read(10);
    await reader.seek(900);
    expect(source.released).toBe(1);
    await reader.read(10);
    await reader.close();
    expect(source.released).toBe(2);
  });

  it('does not take a broken source for the end: the next read goes on at the same byte', async () => {
    let attempts = 0;
    const source: ByteSource = {
      replayable: true,
      size: async () => bytes.length,
      async *open(start) {
        attempts += 1;
        yield bytes.subarray(start, start + 100);
        if (attempts === 1) throw new Error('connection reset');
        yield bytes.subarray(start + 100);
      },
    };
    const reader = new ByteReader(source);
    await expect(reader.read(500)).rejects.toThrow('connection reset');
    expect(await reader.read(500)).toEqual(bytes.subarray(0, 500));
  });
});
