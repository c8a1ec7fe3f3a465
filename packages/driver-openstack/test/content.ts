import { createHash } from 'node:crypto';

const BLOCK = 64 * 1024;

/** The same bytes each time: a block for each 64 KiB, by its number. */
export function* content(size: number, from = 0): Generator<Buffer> {
  for (let at = from; at < size;) {
    const index = Math.floor(at / BLOCK);
    const seed = createHash('sha256').update(String(index)).digest();
    const rest = Buffer.alloc(Math.min(BLOCK, size - index * BLOCK), seed).subarray(at - index * BLOCK);
    at += rest.length;
    yield rest;
  }
}

/** SHA-256 of the bytes between two positions. */
export function sha256Of(chunks: Iterable<Buffer>): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
