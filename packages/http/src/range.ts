import { type ByteRange, type ContentRange, StorageError } from '@stowage/core/spi';
import { contentLengthOf } from './transport/response.js';
import type { WireResponse } from './wire.js';

/** The value of a `Range` header. */
export function rangeHeader(range: ByteRange): string {
  if (range.suffix !== undefined) return `bytes=-${String(range.suffix)}`;
  return `bytes=${String(range.start)}-${range.end === undefined ? '' : String(range.end - 1)}`;
}

/** Where the answered bytes lie in an object of `size` bytes. Throws `unknown` for a part that is not told. */
export function readContentRange(response: WireResponse, size: number): ContentRange {
  if (response.status !== 206) return { start: 0, end: size };
  const match = /^bytes (\d+)-(\d+)\//.exec(response.header('content-range') ?? '');
  if (match) return { start: Number(match[1]), end: Number(match[2]) + 1 };
  throw new StorageError('unknown', 'The service sent a part of the object and does not say which.', { status: 206 });
}

/** Bytes of the whole object. Throws `unknown` where the service does not tell: no number would be right. */
export function readObjectSize(response: WireResponse, method: 'GET' | 'HEAD'): number {
  const total = response.status === 206 ? /\/(\d+)$/.exec(response.header('content-range') ?? '')?.[1] : undefined;
  if (total !== undefined) return Number(total);
  const announced = response.status === 206 ? undefined : contentLengthOf(response);
  if (announced !== undefined) return announced;
  if (method === 'GET' && response.status === 200 && response.stream === undefined) return response.bytes.length;
  const message =
    'The service does not tell the size of the object: it sends no Content-Length. A proxy on the way may have removed it.';
  throw new StorageError('unknown', message, { status: response.status });
}
