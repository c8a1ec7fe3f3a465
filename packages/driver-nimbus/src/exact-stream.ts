import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream';
import { StorageError } from '@stowage/core/spi';

const HIGH_WATER_MARK = 262_144;

/** Counts what passes; errors, rather than ends, when it is not just the size that was announced elsewhere. */
class ExactLength extends Transform {
  #left: number;

  constructor(size: number) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#left = size;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.#left -= chunk.length;
    if (this.#left < 0) done(wrongLength(`${String(-this.#left)} bytes too many`));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    if (this.#left === 0) done();
    else done(wrongLength(`${String(this.#left)} bytes too few`));
  }
}

/** The server announces no length, and ends a body that it cannot go on with as if it were whole. */
export function exactly(source: Readable, size: number): Readable {
  // The callback: whoever reads gets the error.
  return pipeline(source, new ExactLength(size), () => undefined);
}

export function wrongLength(what: string): StorageError {
  return new StorageError('unavailable', `The server sent ${what}.`, { requestSent: true });
}
