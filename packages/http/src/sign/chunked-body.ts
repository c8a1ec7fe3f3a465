import { pipeline, type Readable, Transform } from 'node:stream';
import type { PutBody } from '@stowage/core/spi';
import type { WireBody } from '../wire.js';
import { ChunkEncoder, type ChunkEncoding, encodedLength } from './chunk-encoder.js';

/** Content hashes that say how an `aws-chunked` body is signed. */
export const STREAMING_SIGNED = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
export const STREAMING_SIGNED_TRAILER = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
export const STREAMING_UNSIGNED_TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

export interface ChunkedBodyOptions extends Omit<ChunkEncoding, 'size' | 'chunkBytes'> {
  /** Bytes of each chunk but the last; 64 KiB unless given. */
  readonly chunkBytes?: number | undefined;
  /** Sees every piece of the body before it is sent; for checksums that travel in a trailer. */
  readonly observe?: ((piece: Buffer) => void) | undefined;
}

const DEFAULT_CHUNK_BYTES = 65_536;

function encodeStream(
  source: Readable,
  encoder: ChunkEncoder,
  observe: ((piece: Buffer) => void) | undefined,
): Readable {
  const encoded = new Transform({
    transform(piece: Buffer, _encoding, done) {
      try {
        observe?.(piece);
        for (const part of encoder.push(piece)) this.push(part);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        for (const part of encoder.end()) this.push(part);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  // Errors of either side destroy the other; whoever reads `encoded` hears of them.
  pipeline(source, encoded, () => undefined);
  return encoded;
}

/**
 * Wraps a body of known size as `aws-chunked`. The caller sends `content-encoding: aws-chunked`, `x-amz-decoded-content-length`,
 * `x-amz-trailer` where there are trailers, and the fitting content hash, and signs them, before it has `options.seed`.
 */
export function chunkedBody(body: PutBody & { readonly size: number }, options: ChunkedBodyOptions): WireBody {
  const { observe, chunkBytes = DEFAULT_CHUNK_BYTES, ...rest } = options;
  const encoding: ChunkEncoding = { ...rest, chunkBytes, size: body.size };
  return {
    size: encodedLength(encoding, options.seed !== undefined),
    open: () => encodeStream(body.open(), new ChunkEncoder(encoding), observe),
  };
}
