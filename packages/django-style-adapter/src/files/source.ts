import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isReadable, Readable } from 'node:stream';
import type { FileSource, UploadSource } from '@stowage/core';
import { FileNotFoundError, UnsupportedOperation, ValueError } from '../errors.js';

/** Bytes that a file reads: what a `File` can be made over besides the usual kinds of content. */
export interface ByteSource {
  /** False: the bytes can be had once, from the first to the last. */
  readonly replayable: boolean;
  /** Bytes, where it is known by now without asking anybody. */
  readonly knownSize?: number | undefined;
  /** A read of a few bytes asks for this many at a time, until the reader goes on from there; undefined: always for all. */
  readonly windowBytes?: number | undefined;
  /** The same bytes in a form that core sends best. */
  readonly upload?: UploadSource | undefined;
  /** Bytes. Throws `UnsupportedOperation` where only reading to the end would tell. */
  size(): Promise<number>;
  /** Gives the bytes from `start` up to `end`, or to the end. Ending the iteration early frees what it holds. */
  open(start: number, end?: number): AsyncIterable<Uint8Array>;
  /** Gives all bytes from `start` at once, where that is cheaper than `open`. */
  readToEnd?(start: number): Promise<Buffer>;
}

/** What a `File` can be made over, and what `save()` takes. Text is stored as UTF-8; a path is named by `fileSource(path)`. */
export type FileContent = UploadSource | ByteSource;

export function bytesSource(bytes: Buffer): ByteSource {
  return {
    replayable: true,
    knownSize: bytes.length,
    upload: bytes,
    size: async () => bytes.length,
    async *open(start, end) {
      if (start < bytes.length) yield bytes.subarray(start, end);
    },
    readToEnd: async (start) => bytes.subarray(start),
  };
}

function blobSource(blob: Blob): ByteSource {
  return {
    replayable: true,
    knownSize: blob.size,
    upload: blob,
    size: async () => blob.size,
    open: (start, end) => blob.slice(start, end).stream(),
  };
}

function pathSource(file: FileSource): ByteSource {
  return {
    replayable: true,
    upload: file,
    size: async () => (await stat(file.path).catch(throwMissing)).size,
    async *open(start, end) {
      const bounds = end === undefined ? { start } : { start, end: end - 1 };
      const stream = createReadStream(file.path, bounds);
      await once(stream, 'open').catch(throwMissing);
      yield* stream as AsyncIterable<Uint8Array>;
    },
  };
}

function throwMissing(cause: NodeJS.ErrnoException): never {
  if (cause.code !== 'ENOENT') throw cause;
  throw new FileNotFoundError(`No such file: "${String(cause.path)}" on this machine.`, { cause });
}

type Chunks = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/** A stream that is read once. Text in it is taken as UTF-8, and empty chunks end nothing. */
function streamSource(stream: Chunks): ByteSource {
  let opened = false;
  return {
    replayable: false,
    size: () => Promise.reject(new UnsupportedOperation("Unable to determine the file's size.")),
    async *open() {
      if (opened) throw new UnsupportedOperation('The stream was read already, and a stream can be read only once.');
      if (stream instanceof Readable && !isReadable(stream))
        throw new ValueError('The stream was ended or destroyed before it was read here.');
      opened = true;
      for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    },
  };
}

function isIterable(content: object): content is Chunks {
  return Symbol.asyncIterator in content || Symbol.iterator in content;
}

function isByteSource(content: object): content is ByteSource {
  return 'replayable' in content && 'open' in content;
}

/** Makes a source of any content. Throws `TypeError` for what is none. */
export function sourceOf(content: FileContent): ByteSource {
  if (typeof content === 'string') return bytesSource(Buffer.from(content));
  if (content instanceof ArrayBuffer) return bytesSource(Buffer.from(content));
  if (ArrayBuffer.isView(content)) return bytesSource(viewOf(content));
  if (content instanceof Blob) return blobSource(content);
  if (typeof content === 'object' && (content as object | null) !== null) {
    if (isByteSource(content)) return content;
    if (isIterable(content)) return streamSource(content);
    if (typeof (content as { readonly path?: unknown }).path === 'string') return pathSource(content as FileSource);
  }
  throw new TypeError('Content must be text, bytes, a Blob, a File, fileSource(path), or a stream of bytes.');
}

/** Sees the same memory as a Buffer. */
export function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
