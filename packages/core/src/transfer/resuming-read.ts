import type { Readable } from 'node:stream';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { CallContext } from '../spi/context.js';
import type { ObjectRecord, ObjectRef } from '../spi/records.js';
import type { ContentRange, ProviderOptions, StreamResult } from '../spi/requests.js';
import { bodySubject, type TransferContext } from './transfer-context.js';

/** Breaks in a row without this many new bytes end a read, however willing the store is to begin again. */
const FRUITFUL_BYTES = 64 * 1024;
const MAX_FRUITLESS_BREAKS = 3;

/** What is read, and where the first answer to it came from. */
export interface ResumingReadInput {
  readonly from: TransferContext;
  readonly ref: ObjectRef;
  /** The operation that errors name. */
  readonly operation: string;
  readonly signal: AbortSignal;
  readonly provider?: ProviderOptions | undefined;
  /** Facts of the object, and the bytes of it that are wanted. */
  readonly record: ObjectRecord;
  readonly range: ContentRange;
}

/**
 * Takes up a read where it broke: asks for the bytes that are missing, of the version that was begun. The first failure counts as the
 * first attempt of the call, so that waits and budget are those of every retry.
 */
export class ResumingRead {
  readonly #input: ResumingReadInput;
  #position: number;
  #brokenAt: number;
  #fruitless = 0;

  constructor(input: ResumingReadInput) {
    this.#input = input;
    this.#position = input.range.start;
    this.#brokenAt = input.range.start;
  }

  /** The next byte of the object that is wanted. */
  get position(): number {
    return this.#position;
  }

  get isComplete(): boolean {
    return this.#position === this.#input.range.end;
  }

  /** Counts bytes that came. Throws when they are more than were asked for. */
  advance(bytes: number): void {
    this.#position += bytes;
    const { range } = this.#input;
    if (this.#position <= range.end) return;
    throw new StorageError(
      'unknown',
      `The store sent more than the ${range.end - range.start} bytes that it announced.`,
    );
  }

  /** Opens a stream of all bytes, by a first request of its own. */
  async open(): Promise<Readable> {
    return this.#open((ctx) => this.#request(ctx));
  }

  /** Opens a stream of the bytes that are missing, after one failed with `error`. Rejects when there shall be none. */
  async resume(error: unknown): Promise<Readable> {
    this.#countBreak(error);
    return this.#open(async (ctx) => {
      if (ctx.attempt === 1) throw this.#canResume() ? broken(error) : unretryable(error);
      return this.#request(ctx);
    });
  }

  async #open(attempt: (ctx: CallContext) => Promise<StreamResult>): Promise<Readable> {
    const { from, ref, operation, signal } = this.#input;
    const subject = bodySubject(operation, ref, false);
    let result: StreamResult;
    try {
      result = await from.caller.run(subject, { signal }, attempt);
    } catch (failure) {
      throw this.#explain(failure);
    }
    const change = this.#changeIn(result);
    if (change === undefined) return result.stream;
    dropStream(result.stream);
    throw from.caller.dress(change, subject);
  }

  #countBreak(error: unknown): void {
    const { from, ref, operation } = this.#input;
    this.#fruitless = this.#position - this.#brokenAt >= FRUITFUL_BYTES ? 1 : this.#fruitless + 1;
    this.#brokenAt = this.#position;
    if (this.#fruitless > MAX_FRUITLESS_BREAKS)
      throw from.caller.dress(broken(error), bodySubject(operation, ref, false));
  }

  /** Without a fact that tells versions apart, the rest might belong to another one. A time is none: two writes may share it. */
  #canResume(): boolean {
    const { record, from } = this.#input;
    return from.driver.capabilities.read.ranges && (record.etag !== undefined || this.#ref().versionId !== undefined);
  }

  #ref(): ObjectRef {
    const { ref, record, from } = this.#input;
    if (ref.versionId !== undefined || record.versionId === undefined || !from.driver.versions) return ref;
    return { ...ref, versionId: record.versionId };
  }

  async #request(ctx: CallContext): Promise<StreamResult> {
    const { range, from, provider } = this.#input;
    const ifMatch = this.#condition();
    const wanted = { start: this.#position, end: range.end };
    const result = await from.driver.read(this.#ref(), { want: 'stream', range: wanted, ifMatch, provider }, ctx);
    return result as StreamResult;
  }

  /** The ETag that the store compares; undefined where it does not. */
  #condition(): string | undefined {
    const { record, from } = this.#input;
    return from.driver.capabilities.read.conditions.includes('ifMatch') ? record.etag : undefined;
  }

  #changeIn({ record: now, range }: StreamResult): StorageError | undefined {
    const { record: before } = this.#input;
    const isTold = before.etag !== undefined && now.etag !== undefined;
    const isSame = isTold ? before.etag === now.etag : (this.#condition() ?? this.#ref().versionId) !== undefined;
    if (!isSame || before.size !== now.size) return objectChanged(this.#input.ref);
    if (range.start === this.#position) return undefined;
    return new StorageError(
      'unknown',
      `Asked for bytes from ${this.#position}, the store sent those from ${range.start}.`,
    );
  }

  #explain(failure: unknown): unknown {
    const { from, ref, operation } = this.#input;
    if (!isStorageError(failure, 'precondition-failed') && !isStorageError(failure, 'object-not-found')) return failure;
    return from.caller.dress(objectChanged(ref, failure), bodySubject(operation, ref, false));
  }
}

/** Frees a connection whose bytes nobody wants. */
export function dropStream(stream: Readable): void {
  stream.on('error', () => undefined).destroy();
}

/** The object is no longer the one that was begun. */
export function objectChanged({ key }: ObjectRef, cause?: unknown): StorageError {
  const message = `Object "${key}" was replaced or deleted while it was read; read it again.`;
  return new StorageError('precondition-failed', message, { cause });
}

/** A body that broke is worth another attempt, unless its error says otherwise. */
function broken(error: unknown): StorageError {
  if (isStorageError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new StorageError('unavailable', `The connection broke while the object was read: ${text}`, { cause: error });
}

function unretryable(error: unknown): StorageError {
  const failure = broken(error);
  const { code, message, status, requestId } = failure;
  return new StorageError(code, message, { status, requestId, retryable: false, cause: failure.cause ?? failure });
}
