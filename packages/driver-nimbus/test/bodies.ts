import { Readable } from 'node:stream';
import type { PutBody } from '@stowage/core/spi';

export function bytesBody(content: string | Buffer): PutBody {
  const bytes = Buffer.from(content);
  return { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes]) };
}

export function streamBody(content: string | Buffer, chunkBytes = 1000): PutBody {
  const bytes = Buffer.from(content);
  const chunks = function* (): Iterable<Buffer> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  return { size: bytes.length, replayable: true, open: () => Readable.from(chunks()) };
}
