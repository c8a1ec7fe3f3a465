import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { PutBody } from '@stowage/core/spi';

/** Bytes that follow from a seed and hold every value, so that a lost or moved byte is seen. */
export function seededBytes(size: number, seed = 1): Buffer {
  const block = Buffer.concat(
    Array.from({ length: 64 }, (_, index) => createHash('sha512').update(`${seed}:${index}`).digest()),
  );
  const bytes = Buffer.alloc(size);
  for (let at = 0, round = 0; at < size; at += block.length, round++) {
    block.copy(bytes, at);
    // No two blocks are alike.
    if (at + 4 <= size) bytes.writeUInt32LE(round, at);
  }
  return bytes;
}

/** A body that is in memory. */
export function bytesBody(content: Uint8Array | string): PutBody {
  const bytes = Buffer.from(content as Uint8Array);
  return { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes], { objectMode: false }) };
}

/** A body that comes in chunks of `chunkBytes`; `size` is what is announced, which may be wrong or missing. */
export function streamBody(
  bytes: Buffer,
  { size = bytes.length, chunkBytes = 64 * 1024 }: { size?: number | 'unknown'; chunkBytes?: number } = {},
): PutBody {
  return {
    size: size === 'unknown' ? undefined : size,
    replayable: true,
    open: () => Readable.from(chunksOf(bytes, chunkBytes), { objectMode: false }),
  };
}

/** A body whose source fails with `error` after its first half. */
export function failingBody(bytes: Buffer, error: Error): PutBody {
  async function* half(): AsyncGenerator<Buffer> {
    yield bytes.subarray(0, bytes.length >>> 1);
    await new Promise((resolve) => setImmediate(resolve));
    throw error;
  }
  return { size: bytes.length, replayable: false, open: () => Readable.from(half(), { objectMode: false }) };
}

/** A body that gives its first half and then waits for ever; `sources` are the streams that were opened. */
export function stallingBody(
  bytes: Buffer,
): PutBody & { readonly sources: readonly Readable[]; readonly started: Promise<void> } {
  const sources: Readable[] = [];
  let start: () => void;
  const started = new Promise<void>((resolve) => (start = resolve));
  const open = (): Readable => {
    let given = false;
    const source = new Readable({
      read() {
        if (given) start();
        else this.push(bytes.subarray(0, bytes.length >>> 1));
        given = true;
      },
    });
    sources.push(source);
    return source;
  };
  return { size: bytes.length, replayable: false, open, sources, started };
}

function* chunksOf(bytes: Buffer, chunkBytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}
