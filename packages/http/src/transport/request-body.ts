import type { Readable } from 'node:stream';
import type { WireRequest } from '../wire.js';

/**
 * Larger buffers go out in slices: the wait for an answer then begins anew with each slice that the server takes, so that a slow
 * line is not mistaken for a dead server.
 */
const SLICE_BYTES = 1_048_576;

/** A body in the form that undici takes, with the length that the request must announce itself. */
export interface OpenBody {
  readonly body: Buffer | Readable | Iterable<Buffer> | undefined;
  /** Bytes, where undici cannot tell them from `body`. */
  readonly length: number | undefined;
  readonly stream: Readable | undefined;
}

function* slices(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

const NO_BODY: OpenBody = { body: undefined, length: undefined, stream: undefined };

/** Opens the body of a request. Throws what `open` throws. */
export function openBody(request: WireRequest): OpenBody {
  const given = request.body;
  if (given === undefined) return NO_BODY;
  if (Buffer.isBuffer(given)) return openBytes(given);
  if (given.bytes !== undefined) return openBytes(given.bytes);
  const stream = given.open();
  return { body: stream, length: given.size, stream };
}

function openBytes(bytes: Buffer): OpenBody {
  if (bytes.length <= SLICE_BYTES) return { body: bytes, length: undefined, stream: undefined };
  return { body: slices(bytes), length: bytes.length, stream: undefined };
}
