import { pipeline, Transform } from 'node:stream';
import type { WireBody } from './wire.js';

/**
 * A body of unknown length that calls `tell` with the bytes that were sent, when it has ended: services answer to a put without its
 * size, and the record of what was put must have it.
 */
export function countedBody(body: Pick<WireBody, 'open'>, tell: (bytes: number) => void): WireBody {
  return {
    size: undefined,
    open() {
      let bytes = 0;
      const counter = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          bytes += chunk.length;
          done(null, chunk);
        },
        flush(done) {
          tell(bytes);
          done();
        },
      });
      // A failure of one end destroys the other, and reaches who reads.
      pipeline(body.open(), counter, () => undefined);
      return counter;
    },
  };
}
