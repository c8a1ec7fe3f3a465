import { Readable } from 'node:stream';
import { reasonOf } from '../call/scope.js';
import { createDigest, type Digest } from '../checksum/digest.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { Checksum, Verification } from '../spi/checksums.js';
import type { ObjectRecord } from '../spi/records.js';
import type { ContentRange } from '../spi/requests.js';
import type { ObjectStream } from './download-options.js';
import type { ProgressMeter } from './progress.js';
import { Rechunker } from './rechunker.js';
import { dropStream, ResumingRead, type ResumingReadInput } from './resuming-read.js';
import { bodySubject } from './transfer-context.js';
import { checkRead, verifiedBy } from './verify.js';

export interface ResumingStreamInput extends ResumingReadInput {
  /** The driver's stream of the first answer. */
  readonly first: Readable;
  /** Digest that the bytes must have; undefined when there is none for these bytes. */
  readonly expected: Checksum | undefined;
  readonly meter: ProgressMeter;
  readonly chunkSize?: number | undefined;
  /** Called once, when the stream is over. */
  onClose(): void;
}

/**
 * The content of an object as one stream, however often the connection breaks. Bytes pass from the driver's stream by events, since
 * an iterator or a pipeline in between would cost as much as the request. It ends only when every byte came and fits.
 */
export class ResumingStream extends Readable implements ObjectStream {
  readonly object: ObjectRecord;
  readonly range: ContentRange;
  verified: Verification | undefined;
  readonly #input: ResumingStreamInput;
  readonly #read: ResumingRead;
  readonly #digest: Digest | undefined;
  readonly #chunks: Rechunker;
  readonly #onAbort: () => void;
  #inner: Readable | undefined;
  #wanted = false;

  constructor(input: ResumingStreamInput) {
    // As objects, chunks are not joined on their way to the reader.
    super(input.chunkSize === undefined ? {} : { objectMode: true, highWaterMark: 1 });
    this.#input = input;
    this.object = input.record;
    this.range = input.range;
    this.#read = new ResumingRead(input);
    this.#digest = input.expected && createDigest(input.expected.algorithm);
    this.#chunks = new Rechunker(input.chunkSize);
    this.#onAbort = () => this.#fail(reasonOf(input.signal));
    input.signal.addEventListener('abort', this.#onAbort);
    this.#attach(input.first);
    if (input.signal.aborted) this.#onAbort();
  }

  override _read(): void {
    this.#wanted = true;
    this.#inner?.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#detach()?.destroy();
    this.#input.signal.removeEventListener('abort', this.#onAbort);
    this.#input.onClose();
    callback(error);
  }

  #attach(inner: Readable): void {
    this.#inner = inner;
    inner.pause();
    inner.on('data', this.#onData);
    inner.on('end', this.#onEnd);
    inner.on('error', this.#onBreak);
    inner.on('close', this.#onClose);
    if (this.#wanted) inner.resume();
  }

  /** Lets go of the driver's stream; errors that it still has are of no interest. */
  #detach(): Readable | undefined {
    const inner = this.#inner;
    this.#inner = undefined;
    inner?.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onBreak).off('close', this.#onClose);
    return inner?.on('error', ignore);
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#read.advance(chunk.length);
      this.#digest?.update(chunk);
      this.#input.meter.add(chunk.length);
    } catch (error) {
      this.#fail(error);
      return;
    }
    for (const ready of this.#chunks.add(chunk)) this.#wanted = this.push(ready);
    if (!this.#wanted) this.#inner?.pause();
  };

  readonly #onEnd = (): void => {
    if (this.#read.isComplete) this.#finish();
    else this.#onBreak(new StorageError('unavailable', `The content ended ${this.#missing()} bytes too early.`));
  };

  readonly #onClose = (): void => {
    this.#onBreak(new StorageError('unavailable', `The connection was closed, ${this.#missing()} bytes too early.`));
  };

  readonly #onBreak = (error: Error): void => {
    this.#detach()?.destroy();
    if (this.destroyed) return;
    if (this.#input.signal.aborted) this.#onAbort();
    else if (!this.#read.isComplete) void this.#resume(error);
    else if (isStorageError(error) && !error.retryable) this.#fail(error);
    else this.#finish();
  };

  async #resume(error: Error): Promise<void> {
    try {
      const inner = await this.#read.resume(error);
      if (this.destroyed) dropStream(inner);
      else this.#attach(inner);
    } catch (failure) {
      this.#fail(failure);
    }
  }

  #finish(): void {
    const { expected, meter, range } = this.#input;
    this.#detach();
    try {
      if (expected) checkRead(expected, (this.#digest as Digest).hex());
      meter.finish(range.end - range.start);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.verified = verifiedBy(expected);
    const last = this.#chunks.finish();
    if (last) this.push(last);
    this.push(null);
  }

  #missing(): number {
    return this.#input.range.end - this.#read.position;
  }

  #fail(error: unknown): void {
    const { from, ref, operation } = this.#input;
    this.destroy(from.caller.dress(error, bodySubject(operation, ref, false)));
  }
}

function ignore(): void {
  // Nobody waits for this stream any more.
}
