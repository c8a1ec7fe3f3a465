import { Readable } from 'node:stream';
import { createDigest, type Digest } from '../checksum/digest.js';
import { StorageError } from '../errors/storage-error.js';
import type { Checksum, ChecksumAlgorithm } from '../spi/checksums.js';
import type { Checksums } from '../spi/records.js';
import type { PutBody } from '../spi/requests.js';
import type { ProgressMeter } from './progress.js';
import { type ChunkReader, type Source } from './source.js';
import { sourceFailure } from './stream-source.js';
import { checkGiven } from './verify.js';

/** A body that is in memory. */
export class BytesBody implements PutBody {
  readonly size: number;
  readonly replayable = true;
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.size = bytes.length;
    this.bytes = bytes;
  }

  open(): Readable {
    const { bytes } = this;
    return new Readable({
      read() {
        this.push(bytes);
        this.push(null);
      },
    });
  }
}

/** A slice of a source that can be read again; for parts that are too large to be held in memory. */
export class SliceBody implements PutBody {
  readonly size: number;
  readonly replayable = true;
  readonly #source: Source;
  readonly #start: number;

  constructor(source: Source, start: number, end: number) {
    this.size = end - start;
    this.#source = source;
    this.#start = start;
  }

  open(): Readable {
    const reader = this.#source.read(this.#start, this.#start + this.size);
    return new BodyStream(reader, { size: this.size, maxBytes: this.size, digests: [] });
  }
}

/** What a body that is sent as a stream must be. */
interface BodyChecks {
  /** Bytes; undefined when unknown. */
  readonly size: number | undefined;
  readonly maxBytes: number;
  /** Digests to compute on the way. */
  readonly digests: readonly ChecksumAlgorithm[];
  /** Digest that the user gave; its algorithm is among `digests`. */
  readonly given?: Checksum | undefined;
  readonly meter?: ProgressMeter | undefined;
}

/** A whole source as the body of one put. */
export class SourceBody implements PutBody {
  readonly size: number | undefined;
  readonly #source: Source;
  readonly #checks: BodyChecks;
  #stream: BodyStream | undefined;

  constructor(source: Source, checks: BodyChecks) {
    this.size = source.size;
    this.#source = source;
    this.#checks = checks;
  }

  /** False once the bytes of a source that can be read once have begun to flow. */
  get replayable(): boolean {
    return this.#source.replayable || this.#stream === undefined;
  }

  /** Why the body itself failed, whatever the driver made of it. */
  get failure(): unknown {
    return this.#stream?.failure;
  }

  /** Bytes and digests of the body as it was sent last. */
  get sent(): { readonly size: number; readonly digests: Checksums } {
    return this.#stream?.sent ?? { size: 0, digests: {} };
  }

  open(): Readable {
    if (!this.replayable) throw new StorageError('unknown', 'The driver opened a body twice that can be read once.');
    this.#stream?.destroy();
    return (this.#stream = new BodyStream(this.#source.read(0), this.#checks));
  }

  /** Ends the stream of an attempt that is over. */
  end(): void {
    this.#stream?.destroy();
  }
}

/**
 * Reads a source as fast as the driver takes it, and checks it on the way. The last chunk is held back until size and digest
 * are known to be right: a store that has received as many bytes as were announced stores them.
 */
class BodyStream extends Readable {
  failure: unknown;
  readonly #reader: ChunkReader;
  readonly #checks: BodyChecks;
  readonly #digests: readonly (readonly [ChecksumAlgorithm, Digest])[];
  #held: Buffer | undefined;
  #size = 0;
  #pushed = 0;
  #values: Checksums | undefined;

  constructor(reader: ChunkReader, checks: BodyChecks) {
    super({ highWaterMark: 256 * 1024 });
    this.#reader = reader;
    this.#checks = checks;
    this.#digests = checks.digests.map((algorithm) => [algorithm, createDigest(algorithm)] as const);
  }

  get sent(): { readonly size: number; readonly digests: Checksums } {
    return { size: this.#size, digests: this.#values ?? {} };
  }

  override _read(): void {
    this.#advance().catch((error: unknown) => {
      this.failure ??= error;
      this.destroy(error as Error);
    });
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    void this.#reader.close(error ?? undefined);
    callback(error);
  }

  /** Pushes one chunk, or the end. */
  async #advance(): Promise<void> {
    for (;;) {
      const chunk = await this.#reader.next().catch((error: unknown) => Promise.reject(sourceFailure(error)));
      if (this.destroyed) return;
      const ready = this.#held;
      this.#held = chunk;
      if (chunk) this.#account(chunk);
      else this.#finish();
      if (ready) this.#send(ready);
      if (!chunk) this.push(null);
      if (ready || !chunk) return;
    }
  }

  #account(chunk: Buffer): void {
    const { size, maxBytes } = this.#checks;
    this.#size += chunk.length;
    if (size !== undefined && this.#size > size) throw sizeMismatch(`more than ${size}`, size);
    if (this.#size > maxBytes) throw tooLong(maxBytes);
    for (const [, digest] of this.#digests) digest.update(chunk);
  }

  #send(chunk: Buffer): void {
    this.#pushed += chunk.length;
    this.#checks.meter?.reach(this.#pushed);
    this.push(chunk);
  }

  #finish(): void {
    const { size, given } = this.#checks;
    if (size !== undefined && this.#size !== size) throw sizeMismatch(String(this.#size), size);
    const values = Object.fromEntries(
      this.#digests.map(([algorithm, digest]) => [algorithm, digest.hex()]),
    ) as Checksums;
    this.#values = values;
    if (given) checkGiven(given, values[given.algorithm] as string);
  }
}

/** A source that gave fewer or more bytes than its size says. */
export function sizeMismatch(actual: string, size: number): StorageError {
  const message = `The source has ${actual} bytes, and its size was given as ${size}; nothing was stored.`;
  return new StorageError('invalid-argument', message);
}

function tooLong(maxBytes: number): StorageError {
  const message = `The source has more than the ${maxBytes} bytes that one put takes; nothing was stored.`;
  return new StorageError('invalid-argument', message);
}
