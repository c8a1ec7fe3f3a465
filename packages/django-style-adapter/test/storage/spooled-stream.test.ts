import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { SpooledStream } from '../../src/storage/spooled-stream.js';

const directory = mkdtempSync(join(tmpdir(), 'stowage-spool-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function collect(stream: AsyncIterable<Uint8Array>, most = Infinity): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length >= most) break;
  }
  return Buffer.concat(chunks);
}

function streamOf(chunks: readonly Uint8Array[]) {
  const state = { ended: false };
  async function* generate() {
    try {
      yield* chunks;
    } finally {
      state.ended = true;
    }
  }
  return { stream: generate(), state };
}

const chunkLists = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });

describe('SpooledStream', () => {
  it('gives a short stream as bytes, empty chunks or not', async () => {
    await fc.assert(
      fc.asyncProperty(chunkLists, async (chunks) => {
        const spool = new SpooledStream(streamOf(chunks).stream, directory);
        expect(await spool.readHead(10_000)).toEqual(Buffer.concat(chunks));
        await spool.close();
      }),
    );
  });

  it('gives a long stream again from its first byte, also when the reading before was given up half-way', async () => {
    await fc.assert(
      fc.asyncProperty(
        chunkLists,
        fc.nat(100),
        fc.array(fc.nat(500), { maxLength: 3 }),
        async (chunks, head, stops) => {
          const whole = Buffer.concat(chunks);
          const spool = new SpooledStream(streamOf(chunks).stream, directory);
          if ((await spool.readHead(head)) === undefined) {
            for (const stop of stops) {
              const part = await collect(spool.open(), stop);
              expect(whole.subarray(0, part.length)).toEqual(part);
            }
            expect(await collect(spool.open())).toEqual(whole);
          }
          await spool.close();
        },
      ),
    );
    expect(readdirSync(directory)).toEqual([]);
  });

  it('gives two readings at the same time the same content', async () => {
    const chunks = Array.from({ length: 50 }, (_, index) => Buffer.alloc(7, index));
    const spool = new SpooledStream(streamOf(chunks).stream, directory);
    await spool.readHead(20);
    const both = await Promise.all([collect(spool.open()), collect(spool.open())]);
    expect(both).toEqual([Buffer.concat(chunks), Buffer.concat(chunks)]);
    await spool.close();
  });

  it('ends a stream that was not read to its end', async () => {
    const { stream, state } = streamOf([Buffer.alloc(10), Buffer.alloc(10), Buffer.alloc(10)]);
    const spool = new SpooledStream(stream, directory);
    await spool.readHead(5);
    expect(state.ended).toBe(false);
    await spool.close();
    expect(state.ended).toBe(true);
  });

  it('goes on without a copy when the disk takes none, and then says why it cannot be read again', async () => {
    const chunks = [Buffer.from('head'), Buffer.from('body'), Buffer.from('tail')];
    const spool = new SpooledStream(streamOf(chunks).stream, join(directory, 'missing'));
    await spool.readHead(2);
    expect(String(await collect(spool.open()))).toBe('headbodytail');
    expect(spool.keepFailure).toMatchObject({ code: 'ENOENT' });
    await expect(collect(spool.open())).rejects.toBe(spool.keepFailure);
    await spool.close();
  });

  it('passes an error of the stream on', async () => {
    async function* failing() {
      yield Buffer.alloc(10);
      throw new Error('disconnected');
    }
    const spool = new SpooledStream(failing(), directory);
    await spool.readHead(5);
    await expect(collect(spool.open())).rejects.toThrow('disconnected');
    await spool.close();
  });
});
