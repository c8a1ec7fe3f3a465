import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { StorageError } from '../errors/storage-error.js';
import type { ChunkReader, Source } from './source.js';

const CHUNK_BYTES = 256 * 1024;

/** Shared by every copy of core in one process, as with `StorageError`. */
const BRAND: unique symbol = Symbol.for('@stowage/core.FileSource') as never;

/** Names a file as the content of an upload; made by `fileSource`. */
export interface FileSource {
  readonly path: string;
  readonly [BRAND]: true;
}

export function isFileSource(source: unknown): source is FileSource {
  return typeof source === 'object' && source !== null && BRAND in source;
}

/**
 * Names a file, by path or `file:` URL, as the content of an upload. It is opened when the upload begins. A file that changes
 * while it is read fails the upload. Throws `invalid-argument` for what is no path.
 */
export function fileSource(path: string | URL): FileSource {
  try {
    const name = path instanceof URL ? fileURLToPath(path) : path;
    if (typeof name === 'string' && name !== '' && !name.includes('\0')) return { path: name, [BRAND]: true };
  } catch (cause) {
    throw new StorageError('invalid-argument', `"${String(path)}" names no file of this machine.`, { cause });
  }
  throw new StorageError('invalid-argument', 'A file is named by a path that is not empty, or by a file: URL.');
}

/** Opens a file for upload. Throws `invalid-argument` when it is missing, not readable or not a regular file. */
export async function openFile({ path }: FileSource): Promise<Source> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for a writer. (Windows has no such flag, and undefined counts as 0.)
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (facts.isFile()) return new OpenedFile(path, handle, facts.size, facts.mtimeMs);
  } catch (cause) {
    await handle?.close();
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const message = missing ? `File ${path} does not exist.` : `File ${path} cannot be read: ${messageOf(cause)}`;
    throw new StorageError('invalid-argument', message, { cause });
  }
  await handle.close();
  const message = `${path} is not a regular file; upload a directory file by file, and a pipe or a device as a stream.`;
  throw new StorageError('invalid-argument', message);
}

class OpenedFile implements Source {
  readonly size: number;
  readonly replayable = true;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #modifiedAtMs: number;

  constructor(path: string, handle: FileHandle, size: number, modifiedAtMs: number) {
    this.size = size;
    this.#path = path;
    this.#handle = handle;
    this.#modifiedAtMs = modifiedAtMs;
  }

  read(start: number, end = this.size): ChunkReader {
    let position = start;
    const next = async (): Promise<Buffer | undefined> => {
      const size = Math.min(CHUNK_BYTES, end - position);
      if (size <= 0) {
        if (end === this.size) await this.#checkUnchanged();
        return undefined;
      }
      const chunk = Buffer.allocUnsafeSlow(size);
      await this.#readFully(chunk, position);
      position += size;
      return chunk;
    };
    return { next, close: async () => undefined };
  }

  async fill(target: Buffer, start: number): Promise<void> {
    await this.#readFully(target, start);
    if (start + target.length === this.size) await this.#checkUnchanged();
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  async #readFully(target: Buffer, start: number): Promise<void> {
    for (let filled = 0; filled < target.length;) {
      const { bytesRead } = await this.#handle.read(target, filled, target.length - filled, start + filled);
      if (bytesRead === 0) throw this.#changed('became shorter');
      filled += bytesRead;
    }
  }

  /** Looks at the file once more when its last byte was read. Files such as those of /proc have more bytes than their size says. */
  async #checkUnchanged(): Promise<void> {
    const { bytesRead } = await this.#handle.read(Buffer.allocUnsafe(1), 0, 1, this.size);
    if (bytesRead > 0) throw this.#changed('became longer');
    const { mtimeMs, size } = await this.#handle.stat();
    if (mtimeMs !== this.#modifiedAtMs || size !== this.size) throw this.#changed('was written to');
  }

  #changed(what: string): StorageError {
    const message = `File ${this.#path} ${what} while it was uploaded; upload a copy, or try again when nobody writes to it.`;
    return new StorageError('invalid-argument', message);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
