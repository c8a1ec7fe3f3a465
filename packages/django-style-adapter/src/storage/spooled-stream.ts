import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

const READ_BYTES = 262_144;

interface Kept {
  /** Offset of the chunk in the stream. */
  readonly start: number;
  readonly chunk: Uint8Array;
}

interface TemporaryFile {
  readonly handle: FileHandle;
  readonly path: string;
}

/**
 * Makes a stream that can be read once readable again. What was read is kept: the beginning in memory, the rest in a temporary
 * file that only this user can read, and that is gone with this process whatever happens to it (except on Windows).
 *
 * A disk that cannot take the copy does not stop the first reading; `keepFailure` then tells why there is no second.
 */
export class SpooledStream {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #directory: string | undefined;
  #head = Buffer.alloc(0);
  #file: TemporaryFile | undefined;
  #last: Kept = { start: 0, chunk: this.#head };
  #length = 0;
  #ended = false;
  #pulling: Promise<void> = Promise.resolve();
  #keepFailure: Error | undefined;

  /** Without a directory only the beginning is kept, and the stream can be read once. */
  constructor(stream: AsyncIterable<Uint8Array>, directory: string | undefined) {
    this.#iterator = stream[Symbol.asyncIterator]();
    this.#directory = directory;
  }

  /** Why the stream cannot be read again; undefined when it can. */
  get keepFailure(): Error | undefined {
    return this.#keepFailure;
  }

  /** Reads the beginning into memory. Returns the whole content when it has at most `maxBytes`, else undefined. */
  async readHead(maxBytes: number): Promise<Buffer | undefined> {
    const chunks: Uint8Array[] = [];
    while (this.#length <= maxBytes) {
      const chunk = await this.#next();
      if (chunk === undefined) return Buffer.concat(chunks);
      // A chunk belongs to its giver, who may use the memory again.
      chunks.push(Uint8Array.from(chunk));
      this.#length += chunk.length;
    }
    this.#head = Buffer.concat(chunks);
    return undefined;
  }

  /** Gives the content from the first byte: first what was kept, then what the stream still has. */
  async *open(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let position = 0; ;) {
      if (position === this.#length && !this.#ended) await this.#pull();
      if (position === this.#length) {
        if (this.#ended) return;
        continue;
      }
      const chunk = await this.#readKept(position);
      position += chunk.length;
      yield chunk;
    }
  }

  /** Removes the copy and ends the stream. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (!this.#ended) await this.#iterator.return?.();
    if (!file) return;
    await file.handle.close();
    await rm(file.path, { force: true });
  }

  async #next(): Promise<Uint8Array | undefined> {
    const step = await this.#iterator.next();
    this.#ended = step.done === true;
    return step.done ? undefined : step.value;
  }

  /** Takes one chunk of the stream and keeps it. A reading that was given up may still be at it: one after the other. */
  #pull(): Promise<void> {
    const length = this.#length;
    const pull = async (): Promise<void> => {
      if (this.#length > length || this.#ended) return;
      const chunk = await this.#next();
      if (chunk === undefined || chunk.length === 0) return;
      await this.#keep(chunk).catch((error: unknown) => {
        this.#keepFailure ??= error as Error;
      });
      this.#last = { start: this.#length, chunk };
      this.#length += chunk.length;
    };
    this.#pulling = this.#pulling.then(pull);
    return this.#pulling;
  }

  async #keep(chunk: Uint8Array): Promise<void> {
    if (this.#keepFailure || this.#directory === undefined) return;
    this.#file ??= await openTemporary(this.#directory);
    const { handle } = this.#file;
    const start = this.#length - this.#head.length;
    for (let written = 0; written < chunk.length;) {
      written += (await handle.write(chunk, written, chunk.length - written, start + written)).bytesWritten;
    }
  }

  async #readKept(position: number): Promise<Uint8Array> {
    if (position < this.#head.length) return this.#head.subarray(position);
    if (position === this.#last.start) return this.#last.chunk;
    if (this.#keepFailure || !this.#file)
      throw this.#keepFailure ?? new Error('The stream was closed while it was read.');
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, this.#length - position));
    const { bytesRead } = await this.#file.handle.read(buffer, 0, buffer.length, position - this.#head.length);
    if (bytesRead === 0)
      throw new Error(`The temporary file in ${String(this.#directory)} was cut short by another program.`);
    return buffer.subarray(0, bytesRead);
  }
}

async function openTemporary(directory: string): Promise<TemporaryFile> {
  const path = join(directory, `stowage-${randomUUID()}.upload`);
  const handle = await open(path, 'wx+', 0o600);
  // Open files keep their content without a name. Windows refuses this; there the file goes when it is closed.
  await rm(path).catch(() => undefined);
  return { handle, path };
}
