import type { Readable } from 'node:stream';
import { types } from 'node:util';
import { StorageError } from '../errors/storage-error.js';
import { type FileSource, isFileSource, openFile } from './file-source.js';
import { openOneShot, type OneShotInput } from './stream-source.js';

/**
 * What can be uploaded. A string is content, sent as UTF-8, never a path: a file is named by `fileSource`. Bytes must not be
 * changed before the upload ends. Empty chunks are skipped. Streams and iterables are read once and ended, also on failure.
 */
export type UploadSource =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | FileSource
  | Readable
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>;

/** Gives a body chunk by chunk. */
export interface ChunkReader {
  /** The next chunk, never an empty one; undefined at the end. */
  next(): Promise<Buffer | undefined>;
  /** Lets go of what is behind, also before the end. Never rejects. */
  close(reason?: unknown): Promise<void>;
}

/** An upload source of any kind, opened. */
export interface Source {
  /** Bytes; undefined when it is known only at the end. */
  readonly size: number | undefined;
  /** True: it can be read again, and from any byte. */
  readonly replayable: boolean;
  /** The whole content where it already is in memory. */
  readonly bytes?: Buffer | undefined;
  /** Reads from `start`, to `end` (exclusive) or to the source's own end. A source that is not replayable is read once, from 0. */
  read(start: number, end?: number): ChunkReader;
  /** Fills `target` with the bytes from `start` on, without a stream in between. */
  fill?(target: Buffer, start: number): Promise<void>;
  /** Ends the source; it is destroyed when there is a reason. Never rejects. */
  close(reason?: unknown): Promise<void>;
}

/** The content of a source that already is in memory; undefined for others. */
export function bytesOf(source: UploadSource): Buffer | undefined {
  if (typeof source === 'string') return Buffer.from(source);
  if (Buffer.isBuffer(source)) return source;
  if (ArrayBuffer.isView(source)) return Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  if (types.isAnyArrayBuffer(source)) return Buffer.from(source);
  return undefined;
}

/**
 * Opens a source. Throws `invalid-argument` for a value that is none, a missing file, a stream that was read to its end or that
 * failed, and for a `size` that is not the size of a source whose size is known.
 */
export async function openSource(source: UploadSource, size: number | undefined): Promise<Source> {
  const opened = await openAny(source, size);
  if (size === undefined || opened.size === size) return opened;
  await opened.close();
  const message = `The source has ${String(opened.size)} bytes and "size" says ${size}; leave "size" out.`;
  throw new StorageError('invalid-argument', message);
}

async function openAny(source: UploadSource, size: number | undefined): Promise<Source> {
  const bytes = bytesOf(source);
  if (bytes) return new BytesSource(bytes);
  if (isFileSource(source)) return openFile(source);
  if (isBlob(source)) return new BlobSource(source);
  if (typeof source === 'object' && (source as unknown) !== null) return openOneShot(source as OneShotInput, size);
  const message =
    'This is nothing that can be uploaded: give a string, bytes, a Blob, fileSource(path), a stream or an iterable of bytes.';
  throw new StorageError('invalid-argument', message);
}

function isBlob(source: UploadSource): source is Blob {
  if (typeof source !== 'object' || (source as unknown) === null) return false;
  const { size, slice, stream } = source as Partial<Blob>;
  return typeof size === 'number' && typeof slice === 'function' && typeof stream === 'function';
}

class BytesSource implements Source {
  readonly size: number;
  readonly replayable = true;
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.size = bytes.length;
    this.bytes = bytes;
  }

  read(start: number, end = this.size): ChunkReader {
    let rest: Buffer | undefined = start < end ? this.bytes.subarray(start, end) : undefined;
    const next = async (): Promise<Buffer | undefined> => {
      const chunk = rest;
      rest = undefined;
      return chunk;
    };
    return { next, close: async () => undefined };
  }

  async close(): Promise<void> {
    // Memory needs no closing.
  }
}

class BlobSource implements Source {
  readonly size: number;
  readonly replayable = true;
  readonly #blob: Blob;

  constructor(blob: Blob) {
    this.size = blob.size;
    this.#blob = blob;
  }

  read(start: number, end = this.size): ChunkReader {
    const slice = this.#blob.slice(start, end).stream() as ReadableStream<Uint8Array>;
    return openOneShot(slice, undefined).read(0);
  }

  async fill(target: Buffer, start: number): Promise<void> {
    target.set(new Uint8Array(await this.#blob.slice(start, start + target.length).arrayBuffer()));
  }

  async close(): Promise<void> {
    // A Blob needs no closing.
  }
}
