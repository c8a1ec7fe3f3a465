import type { UploadSource } from '@stowage/core';
import { UnsupportedOperation } from '../errors.js';
import type { File } from '../files/file.js';
import { SpooledStream } from './spooled-stream.js';

/** Content to save, which can be sent as often as it takes. */
export interface SaveBody {
  /** Bytes; undefined when only the end tells. */
  readonly size: number | undefined;
  /** Gives the content from its first byte. */
  open(): UploadSource;
  /** Why `open` cannot be called again; undefined when it can. */
  failure(): Error | undefined;
  /** Frees what was kept, and ends a stream that was not read to its end. */
  close(): Promise<void>;
}

export interface KeepOptions {
  /** Bytes of a stream that are kept in memory. */
  readonly maxMemoryBytes: number;
  /** Where what follows is kept; undefined: it is not kept. */
  readonly temporaryDirectory: string | undefined;
}

const neverFails = (): undefined => undefined;
const nothingToFree = async (): Promise<void> => undefined;

/** Prepares a file's content. A stream is sent once, unless `keep` says how it is kept while it is read: then its beginning is read. */
export async function openBody(file: File<Buffer | string>, keep: KeepOptions | undefined): Promise<SaveBody> {
  if (!file.readable())
    throw new UnsupportedOperation(`"${file.toString()}" is not open for reading, so it cannot be saved.`);
  const { source } = file;
  if (source.replayable) {
    const { upload } = source;
    const open = (): UploadSource => upload ?? source.open(0);
    return { size: await file.size(), open, failure: neverFails, close: nothingToFree };
  }
  if (!keep) return { size: undefined, open: () => file.takeStream(), failure: neverFails, close: nothingToFree };
  return keepStream(new SpooledStream(file.takeStream(), keep.temporaryDirectory), keep.maxMemoryBytes);
}

async function keepStream(stream: SpooledStream, maxMemoryBytes: number): Promise<SaveBody> {
  const close = (): Promise<void> => stream.close();
  const bytes = await stream.readHead(maxMemoryBytes);
  if (bytes) return { size: bytes.length, open: () => bytes, failure: neverFails, close };
  return { size: undefined, open: () => stream.open(), failure: () => stream.keepFailure, close };
}
