import { isErrored, isReadable, Readable } from 'node:stream';
import { types } from 'node:util';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { ChunkReader, Source } from './source.js';

/** Sources that can be read only once. */
export type OneShotInput =
  Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/** Iterators that an upload has begun to read: a second upload would find them empty. */
const taken = new WeakSet();

/** Opens a stream or an iterable. Throws `invalid-argument` when it is none, or when nothing is left to read. */
export function openOneShot(input: OneShotInput, size: number | undefined): Source {
  const reader = openReader(input);
  return {
    size,
    replayable: false,
    read: () => reader,
    close: (reason) => reader.close(reason),
  };
}

function openReader(input: OneShotInput): ChunkReader {
  if (isNodeStream(input)) return new PullReader(readNode(input));
  if ('getReader' in input && typeof input.getReader === 'function') return new PullReader(readWeb(input));
  const begin = iteratorOf(input);
  if (begin) return new PullReader(readIterable(input, begin));
  const message = `This is nothing that can be uploaded: it has no bytes, no stream and no iterator. Give JSON as JSON.stringify(value).`;
  throw new StorageError('invalid-argument', message);
}

/** How one kind of source is pulled and ended. */
interface Pull {
  next(): Promise<IteratorResult<unknown, unknown>>;
  /** Never waits for the source: a generator that is stuck cannot be ended. */
  end(reason: unknown): void;
}

/** Turns whatever a source gives into chunks of bytes, and whatever it throws into an error that says so. */
class PullReader implements ChunkReader {
  readonly #pull: Pull;
  #ended = false;

  constructor(pull: Pull) {
    this.#pull = pull;
  }

  async next(): Promise<Buffer | undefined> {
    while (!this.#ended) {
      let result: IteratorResult<unknown, unknown>;
      try {
        result = await this.#pull.next();
      } catch (error) {
        this.#ended = true;
        throw sourceFailure(error);
      }
      if (result.done) {
        this.#ended = true;
        break;
      }
      const chunk = chunkOf(result.value);
      if (chunk.length > 0) return chunk;
    }
    return undefined;
  }

  async close(reason?: unknown): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#pull.end(reason);
  }
}

function chunkOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'string') return Buffer.from(value);
  if (types.isUint8Array(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  throw new StorageError(
    'invalid-argument',
    `A chunk of the source is of type ${typeName(value)}; give Uint8Array or string chunks.`,
  );
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
}

/** What the user sees when the source of an upload fails. Nothing of the object was stored, since its body never came whole. */
export function sourceFailure(cause: unknown): StorageError {
  if (isStorageError(cause)) return cause;
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new StorageError('unknown', `The source of the upload failed: ${text}`, { cause, requestSent: false });
}

function consumed(what: string, cause?: unknown): StorageError {
  const message = `${what}, so that it cannot be uploaded; give a fresh one for each upload.`;
  return new StorageError('invalid-argument', message, { cause });
}

function isNodeStream(input: OneShotInput): input is Readable {
  const { pipe, on } = input as Partial<Readable>;
  return typeof pipe === 'function' && typeof on === 'function';
}

function readNode(input: Readable): Pull {
  if (input.errored) throw consumed('The stream has failed already', input.errored);
  if (input.readableEnded) throw consumed('The stream was read to its end already');
  if (input.destroyed) throw consumed('The stream was destroyed already');
  const encoding = input.readableEncoding;
  if (encoding && encoding !== 'utf8' && (encoding as string) !== 'utf-8') {
    const message = `The stream gives text in "${encoding}"; remove its setEncoding() call, so that it gives bytes.`;
    throw new StorageError('invalid-argument', message);
  }
  // An error that comes while nobody reads must not end the process; the iterator reports it.
  input.on('error', ignore);
  const stream = Symbol.asyncIterator in input ? input : new Readable({ objectMode: true }).wrap(input);
  const iterator = stream[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    end: (reason) => void input.destroy(reason instanceof Error ? reason : undefined),
  };
}

function readWeb(input: ReadableStream<Uint8Array>): Pull {
  if (input.locked) throw consumed('The stream is being read by someone else already');
  // Node's own tests take web streams too; their types do not say so.
  const stream = input as unknown as Readable;
  if (isErrored(stream)) throw consumed('The stream has failed already');
  if (Readable.isDisturbed(stream) && !isReadable(stream)) throw consumed('The stream was read to its end already');
  const reader = input.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      if (done) reader.releaseLock();
      return done ? { done, value: undefined } : { done, value };
    },
    end: (reason) => void reader.cancel(reason).catch(ignore),
  };
}

type Begin = () => AsyncIterator<unknown> | Iterator<unknown>;

function iteratorOf(input: Partial<AsyncIterable<unknown> & Iterable<unknown>>): Begin | undefined {
  if (typeof input[Symbol.asyncIterator] === 'function')
    return () => (input as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  if (typeof input[Symbol.iterator] === 'function') return () => (input as Iterable<unknown>)[Symbol.iterator]();
  return undefined;
}

function readIterable(input: object, begin: Begin): Pull {
  if (taken.has(input)) throw consumed('The iterator was given to an upload before');
  const iterator = begin();
  if (iterator === input) taken.add(input);
  return {
    next: async () => iterator.next(),
    end: () => {
      // A generator that waits for something of its own answers later or never.
      Promise.resolve(iterator.return?.()).catch(ignore);
    },
  };
}

function ignore(): void {
  // Whoever reads is told otherwise.
}
