import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type CallContext, type PutBody, StorageError } from '@stowage/core/spi';
import { aborted, checkNotAborted } from './errors.js';

/** Collects a body. A service that takes streams is given `body.open()` itself. */
export async function collect(body: PutBody, ctx: CallContext): Promise<Buffer> {
  const bytes = body.bytes ? Buffer.from(body.bytes) : await drain(body.open(), ctx);
  if (body.size === undefined || body.size === bytes.length) return bytes;
  throw new StorageError('invalid-argument', `The body has ${bytes.length} bytes, not ${body.size} as was announced.`);
}

async function drain(source: Readable, ctx: CallContext): Promise<Buffer> {
  const end = (): void => void source.destroy(aborted(ctx.signal));
  ctx.signal?.addEventListener('abort', end, { once: true });
  try {
    return await buffer(source);
  } catch (cause) {
    checkNotAborted(ctx);
    throw new StorageError('unknown', 'The body could not be read.', { cause });
  } finally {
    ctx.signal?.removeEventListener('abort', end);
  }
}

/** Gives bytes out as a stream, which fails with `aborted` when the signal says so. */
export function streamOf(bytes: Buffer, { signal }: CallContext): Readable {
  const stream = Readable.from(bytes.length > 0 ? [bytes] : [], { objectMode: false });
  const end = (): void => void stream.destroy(aborted(signal));
  signal?.addEventListener('abort', end, { once: true });
  stream.once('close', () => signal?.removeEventListener('abort', end));
  return stream;
}
