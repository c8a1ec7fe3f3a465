import { Readable } from 'node:stream';
import type { PutBody } from '../../src/spi/requests.js';

/** A body as drivers take it. */
export function bodyOf(text: string): PutBody {
  const bytes = Buffer.from(text);
  return { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes]) };
}
