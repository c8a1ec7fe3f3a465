import { Readable } from 'node:stream';
import type { PutBody } from '@stowage/core/spi';

export function bytesBody(content: string | Buffer): PutBody {
  const bytes = Buffer.from(content);
  return { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes]) };
}

/** A stream, whose length is told or not. */
export function streamBody(content: string | Buffer, tellsSize = true): PutBody {
  const bytes = Buffer.from(content);
  return { size: tellsSize ? bytes.length : undefined, replayable: true, open: () => Readable.from([bytes]) };
}
