import { Readable } from 'node:stream';
import { type ContentRange, type ObjectRef, StorageError } from '@stowage/core/spi';
import { closeFile, readChunk } from './calls.js';
import { aborted, toStorageError } from './errors.js';

const CHUNK_BYTES = 256 * 1024;

/**
 * Bytes of an open file, from `start` to `end`; it fails when the file ends before. It closes the descriptor in the end, unless
 * `owns` is false.
 */
export class FileStream extends Readable {
  readonly #fd: number;
  readonly #ref: ObjectRef;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  readonly #owns: boolean;
  readonly #onAbort = (): void => void this.destroy(this.#signal && aborted(this.#signal));
  #position: number;
  #reading: Promise<unknown> | undefined;

  constructor(fd: number, ref: ObjectRef, { start, end }: ContentRange, signal: AbortSignal | undefined, owns = true) {
    super({ highWaterMark: CHUNK_BYTES });
    this.#fd = fd;
    this.#ref = ref;
    this.#position = start;
    this.#end = end;
    this.#signal = signal;
    this.#owns = owns;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  override _read(): void {
    this.#reading = this.#readNext();
  }

  async #readNext(): Promise<void> {
    const wanted = Math.min(CHUNK_BYTES, this.#end - this.#position);
    if (wanted <= 0) return void this.push(null);
    try {
      const chunk = Buffer.allocUnsafeSlow(wanted);
      const { bytesRead } = await readChunk(this.#fd, chunk, 0, wanted, this.#position);
      if (this.destroyed) return;
      if (bytesRead === 0) throw truncated(this.#ref, this.#position, this.#end);
      this.#position += bytesRead;
      this.push(bytesRead === wanted ? chunk : chunk.subarray(0, bytesRead));
    } catch (error) {
      this.destroy(toStorageError(error));
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    // A descriptor that is closed while it is read could be another file's by then.
    void Promise.resolve(this.#reading)
      .then(() => (this.#owns ? closeFile(this.#fd) : undefined))
      .then(
        () => done(error),
        (cause: unknown) => done(error ?? toStorageError(cause)),
      );
  }
}

/** Another program made the file shorter while it was read. */
export function truncated({ container, key }: ObjectRef, at: number, end: number): StorageError {
  const message = `Object "${key}" ended at byte ${at}, before byte ${end}: another program shortened its file.`;
  return new StorageError('unavailable', message, { container, key });
}
