import { StorageError } from '@stowage/core/spi';

export interface Piece {
  readonly start: number;
  readonly bytes: Buffer;
}

/** Takes a `multipart/byteranges` body apart, by the lengths that its parts tell, so that bytes that look like a boundary do no harm. */
export function splitRanges(body: Buffer): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; ;) {
    const end = body.indexOf('\r\n\r\n', at);
    if (end < 0) return pieces;
    const head = body.toString('latin1', at, end);
    const [, first, last] = /content-range: *bytes (\d+)-(\d+)/i.exec(head) ?? [];
    if (first === undefined || last === undefined)
      throw new StorageError('unknown', 'The store sent several ranges and does not say which.');
    const start = Number(first);
    at = end + 4 + Number(last) - start + 1;
    pieces.push({ start, bytes: body.subarray(end + 4, at) });
  }
}
