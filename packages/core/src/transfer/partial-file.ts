import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { DriverHost } from '../spi/context.js';
import { fileExists } from './destination.js';

/** Bytes that are collected before they are written at once. */
const BATCH_BYTES = 1024 * 1024;
/** A file system without hard links says one of these. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** A file that grows beside its destination under a temporary name, and then appears there whole. */
export class PartialFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #destination: string;

  private constructor(handle: FileHandle, path: string, destination: string) {
    this.#handle = handle;
    this.#path = path;
    this.#destination = destination;
  }

  /** Creates the file with its full length. Throws `invalid-argument` when the folder is missing or cannot be written. */
  static async create(destination: string, size: number, host: DriverHost): Promise<PartialFile> {
    const path = join(dirname(destination), `.stowage-${host.randomBytes(8).toString('hex')}.part`);
    let handle: FileHandle;
    try {
      handle = await open(path, 'wx+');
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      const why = missing ? `directory ${dirname(destination)} does not exist` : (cause as Error).message;
      throw new StorageError('invalid-argument', `File ${destination} cannot be written: ${why}.`, { cause });
    }
    const file = new PartialFile(handle, path, destination);
    try {
      await handle.truncate(size);
      return file;
    } catch (cause) {
      await file.discard();
      throw writeFailure(destination, cause);
    }
  }

  /** The temporary name. */
  get path(): string {
    return this.#path;
  }

  /** Writes chunks one after the other from `position` on. */
  writeFrom(position: number): SequentialWriter {
    return new SequentialWriter(this.#handle, position, this.#destination);
  }

  /** Reads the file back in its order. */
  async *readBack(): AsyncGenerator<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(BATCH_BYTES);
    for (let position = 0; ;) {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  }

  /** Gives the file its name. Throws `precondition-failed` when one is there meanwhile and shall not be replaced. */
  async commit(options: { readonly overwrite: boolean; readonly fsync: boolean }): Promise<void> {
    try {
      if (options.fsync) await this.#handle.sync();
      await this.#handle.close();
      if (options.overwrite) await rename(this.#path, this.#destination);
      else await this.#takeFreeName();
      if (options.fsync) await syncFolder(dirname(this.#destination));
    } catch (cause) {
      throw isStorageError(cause) ? cause : writeFailure(this.#destination, cause);
    }
  }

  /** Ends writing and leaves the file under its temporary name. */
  async keep(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  /** Ends writing and removes the file. */
  async discard(): Promise<void> {
    await this.keep();
    await unlink(this.#path).catch(() => undefined);
  }

  /** A hard link fails when the name is taken, and so decides races that a look before could not. */
  async #takeFreeName(): Promise<void> {
    try {
      await link(this.#path, this.#destination);
      await unlink(this.#path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code === 'EEXIST') throw fileExists(this.#destination);
      if (!NO_LINKS.has(code)) throw error;
      await this.#reserveName();
      await rename(this.#path, this.#destination);
    }
  }

  async #reserveName(): Promise<void> {
    try {
      await (await open(this.#destination, 'wx')).close();
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? fileExists(this.#destination) : error;
    }
  }
}

/** Collects chunks and writes them in batches: one batch is written while the next is collected. */
export class SequentialWriter {
  readonly #handle: FileHandle;
  readonly #name: string;
  #position: number;
  #chunks: Buffer[] = [];
  #length = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(handle: FileHandle, position: number, name: string) {
    this.#handle = handle;
    this.#position = position;
    this.#name = name;
  }

  /** Takes a chunk; returns a promise when the caller must wait before the next one. */
  add(chunk: Buffer): Promise<void> | undefined {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    return this.#length >= BATCH_BYTES ? this.#flush() : undefined;
  }

  /** Resolves when everything is written. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#writing;
  }

  async #flush(): Promise<void> {
    await this.#writing;
    const [chunks, length, position] = [this.#chunks, this.#length, this.#position];
    if (length === 0) return;
    this.#chunks = [];
    this.#length = 0;
    this.#position += length;
    this.#writing = this.#write(chunks, length, position);
    // It is awaited by the next flush; until then a failure must not count as unhandled.
    this.#writing.catch(() => undefined);
  }

  async #write(chunks: readonly Buffer[], length: number, position: number): Promise<void> {
    try {
      const { bytesWritten } = await this.#handle.writev(chunks, position);
      if (bytesWritten === length) return;
      const rest = Buffer.concat(chunks).subarray(bytesWritten);
      for (let done = 0; done < rest.length;) {
        const written = await this.#handle.write(rest, done, rest.length - done, position + bytesWritten + done);
        done += written.bytesWritten;
      }
    } catch (cause) {
      throw writeFailure(this.#name, cause);
    }
  }
}

function writeFailure(destination: string, cause: unknown): StorageError {
  const code = (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'quota-exceeded' : 'unknown';
  return new StorageError(code, `File ${destination} could not be written: ${(cause as Error).message}`, { cause });
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; there the file system keeps its own journal.
  const handle = await open(folder, 'r').catch(() => undefined);
  try {
    await handle?.sync().catch(() => undefined);
  } finally {
    await handle?.close();
  }
}
