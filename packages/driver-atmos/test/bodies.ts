import { Readable } from 'node:stream';
import type { PutBody } from '@stowage/core/spi';

export function bytesBody(text: string | Buffer): PutBody {
  const bytes = Buffer.from(text);
  return { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes]) };
}

export function streamBody(bytes: Buffer, size: number | undefined = bytes.length): PutBody {
  return { size, replayable: false, open: () => Readable.from([bytes]) };
}
