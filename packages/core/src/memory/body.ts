import { Readable } from 'node:stream';
import { digestOf } from '../checksum/digest.js';
import { StorageError } from '../errors/storage-error.js';
import type { Checksum } from '../spi/checksums.js';
import type { CallContext } from '../spi/context.js';
import type { PutBody, PutResult } from '../spi/requests.js';
import { aborted, checkNotAborted } from './errors.js';

const CHUNK_BYTES = 64 * 1024;

/** Collects a body whole. Throws `aborted`, having ended the source, and `invalid-argument` when it is not of its stated size. */
export async function collectBody(body: PutBody, ctx: CallContext): Promise<Buffer> {
  checkNotAborted(ctx);
  const bytes = body.bytes ? Buffer.from(body.bytes) : await drain(body.open(), ctx.signal);
  if (body.size !== undefined && body.size !== bytes.length) {
    throw new StorageError('invalid-argument', `The body was said to have ${body.size} bytes and had ${bytes.length}.`);
  }
  return bytes;
}

async function drain(source: Readable, signal: AbortSignal | undefined): Promise<Buffer> {
  const end = (): void => void source.destroy(signal && aborted(signal));
  signal?.addEventListener('abort', end, { once: true });
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of source) chunks.push(Buffer.from(chunk as Uint8Array));
    return Buffer.concat(chunks);
  } catch (cause) {
    if (signal?.aborted) throw aborted(signal);
    const message = `The body could not be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new StorageError('unknown', message, { cause });
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** Compares the digest that came with a body. Throws `checksum-mismatch`. */
export function verifyBody(bytes: Buffer, checksum: Checksum | undefined): PutResult['verified'] {
  if (!checksum) return 'none';
  const actual = digestOf(checksum.algorithm, bytes);
  if (actual === checksum.value) return 'service';
  const message = `The body's ${checksum.algorithm} is ${actual}, and ${checksum.value} was announced.`;
  throw new StorageError('checksum-mismatch', message);
}

/** Gives bytes out in chunks; ends with `aborted` when the signal says so. */
export function streamBytes(bytes: Buffer, { signal }: CallContext): Readable {
  let position = 0;
  const stream = new Readable({
    read() {
      const chunk = Buffer.from(bytes.subarray(position, position + CHUNK_BYTES));
      position += chunk.length;
      this.push(chunk.length > 0 ? chunk : null);
    },
  });
  if (signal) {
    const end = (): void => void stream.destroy(aborted(signal));
    signal.addEventListener('abort', end, { once: true });
    stream.once('close', () => signal.removeEventListener('abort', end));
  }
  return stream;
}
