import {
  type ByteRange,
  type CallOptions,
  isStorageError,
  type ObjectRecord,
  StorageError,
  type StoredObject,
} from '@stowage/core';
import { throwNotFound } from './not-found.js';
import type { ByteSource } from './source.js';

/** Small reads far apart fetch this many bytes each, so that reading on a little needs no further request. */
const WINDOW_BYTES = 262_144;

/**
 * Reads an object from any position, and always the same version of it: when it is replaced meanwhile, reading on fails with
 * `precondition-failed`.
 */
export class ObjectSource implements ByteSource {
  readonly replayable = true;
  readonly windowBytes: number | undefined;
  readonly #object: StoredObject;
  readonly #options: CallOptions;
  readonly #throwError: (error: unknown) => never;
  readonly #hasRanges: boolean;
  readonly #checksMatch: boolean;
  #size: number | undefined;
  #etag: string | undefined;

  /** `name` is what errors call the object. */
  constructor(object: StoredObject, name: string, options: CallOptions) {
    const { ranges, conditions } = object.storage.capabilities.read;
    this.#object = object;
    this.#options = options;
    this.#throwError = throwNotFound(name);
    this.#hasRanges = ranges;
    this.#checksMatch = conditions.includes('ifMatch');
    this.windowBytes = ranges ? WINDOW_BYTES : undefined;
  }

  get knownSize(): number | undefined {
    return this.#size;
  }

  async size(): Promise<number> {
    const { record } = await this.#object.stat(this.#options).catch(this.#throwError);
    const found = record as ObjectRecord;
    this.#remember(found);
    return found.size;
  }

  async *open(start: number, end?: number): AsyncGenerator<Uint8Array, void, undefined> {
    const request = { ...this.#options, ...this.#conditions(), ...this.#range(start, end) };
    const stream = await this.#object.stream(request).catch(emptyBeyondTheEnd).catch(this.#throwError);
    if (!stream) return;
    this.#remember(stream.object);
    let skip = this.#hasRanges ? 0 : start;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const wanted = chunk.subarray(skip);
      skip -= chunk.length - wanted.length;
      if (wanted.length > 0) yield wanted;
    }
  }

  async readToEnd(start: number): Promise<Buffer> {
    const request = { ...this.#options, ...this.#conditions(), ...this.#range(start) };
    const bytes =
      (await this.#object.bytes(request).catch(emptyBeyondTheEnd).catch(this.#throwError)) ?? Buffer.alloc(0);
    return this.#hasRanges ? bytes : bytes.subarray(start);
  }

  #range(start: number, end?: number): { readonly range?: ByteRange } {
    if (!this.#hasRanges || (start === 0 && end === undefined)) return {};
    return { range: end === undefined ? { start } : { start, end } };
  }

  #conditions(): { readonly ifMatch?: string } {
    return this.#checksMatch && this.#etag !== undefined ? { ifMatch: this.#etag } : {};
  }

  /** Stores that do not compare versions themselves tell them: a mixture of two versions is never given out. */
  #remember(found: ObjectRecord): void {
    const isOther = this.#etag !== undefined && found.etag !== undefined && found.etag !== this.#etag;
    if (isOther || (this.#size !== undefined && found.size !== this.#size)) {
      throw new StorageError('precondition-failed', `"${found.key}" was replaced while it was read. Open it again.`, {
        container: this.#object.container.name,
        key: found.key,
      });
    }
    this.#size = found.size;
    this.#etag = found.etag;
  }
}

/** Where the store refuses a range behind the last byte, there is nothing to read. */
function emptyBeyondTheEnd(error: unknown): undefined {
  if (isStorageError(error, 'range-not-satisfiable')) return undefined;
  throw error;
}
