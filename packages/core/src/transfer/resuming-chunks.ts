import type { Readable } from 'node:stream';
import { reasonOf } from '../call/scope.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import { dropStream, type ResumingRead } from './resuming-read.js';
import type { ChunkReader } from './source.js';

/** The bytes of one read, chunk by chunk, however often the connection breaks. */
export class ResumingChunks implements ChunkReader {
  readonly #read: ResumingRead;
  readonly #signal: AbortSignal;
  #stream: Readable;
  #iterator: AsyncIterator<Buffer>;
  #closed = false;
  #interrupt: (reason: Error) => void = () => undefined;

  constructor(stream: Readable, read: ResumingRead, signal: AbortSignal) {
    this.#read = read;
    this.#signal = signal;
    this.#stream = stream;
    this.#iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
  }

  async next(): Promise<Buffer | undefined> {
    while (!this.#closed) {
      const chunk = await this.#pull();
      if (chunk === undefined) break;
      if (chunk.length === 0) continue;
      this.#read.advance(chunk.length);
      return chunk;
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    dropStream(this.#stream);
  }

  /** Also when everything came, it waits for the end of the stream, so that the connection can be used again. */
  async #pull(): Promise<Buffer | undefined> {
    for (;;) {
      let failure: unknown;
      try {
        const result: IteratorResult<Buffer, unknown> = await this.#next();
        if (!result.done) return result.value;
        if (this.#read.isComplete) return undefined;
        failure = new StorageError('unavailable', 'The content ended too early.');
      } catch (error) {
        failure = error;
      }
      if (this.#signal.aborted) throw reasonOf(this.#signal);
      if (this.#read.isComplete) {
        if (isStorageError(failure) && !failure.retryable) throw failure;
        return undefined;
      }
      await this.#resume(failure);
    }
  }

  /** A stream that is slow to close must not keep a reader waiting whose signal has fired. */
  #next(): Promise<IteratorResult<Buffer, unknown>> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      this.#iterator.next().then(resolve, reject);
    });
  }

  async #resume(failure: unknown): Promise<void> {
    dropStream(this.#stream);
    this.#stream = await this.#read.resume(failure);
    this.#iterator = this.#stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    if (this.#signal.aborted || this.#closed) dropStream(this.#stream);
  }

  readonly #onAbort = (): void => {
    const reason = reasonOf(this.#signal);
    this.#stream.on('error', () => undefined).destroy(reason);
    this.#interrupt(reason);
  };
}
