import type { CallOptions, StoredObject } from '@stowage/core';
import { UnsupportedOperation, ValueError } from '../errors.js';
import { File, type FileMode } from './file.js';
import { ObjectSource } from './object-source.js';
import { ObjectWriter } from './object-writer.js';
import { viewOf } from './source.js';

export interface StoredFileOptions extends CallOptions {
  /** `r` reads text, `rb` bytes; `w` and `wb` write a new file in place of what is there. */
  readonly mode: FileMode;
  /** Content type of a file that is written. Default: guessed from its name. */
  readonly contentType?: string | undefined;
}

const MODES: ReadonlySet<string> = new Set<FileMode>(['r', 'rt', 'rb', 'w', 'wt', 'wb']);

/**
 * A file in a storage, as `storage.open` gives it. Opening asks nothing of the store: a missing file is a `FileNotFoundError` of the
 * first read. Reading holds a small buffer only, and always goes on in the version that it began with.
 *
 * What is written goes out as it comes, and appears whole at `close()`; `abort()` drops it. Leaving an `await using` closes.
 */
export class StoredFile<Data extends Buffer | string = Buffer> extends File<Data> {
  declare readonly name: string;
  readonly #object: StoredObject;
  readonly #options: StoredFileOptions;
  #writer: ObjectWriter | undefined;

  /** Made by `storage.open`. Throws `ValueError` for a mode that objects do not have. */
  constructor(object: StoredObject, name: string, options: StoredFileOptions) {
    const { mode, contentType } = options;
    checkMode(mode);
    super(new ObjectSource(object, name, callOptions(options)), name, { mode, contentType });
    this.#object = object;
    this.#options = options;
    this.#writer = this.#openWriter();
  }

  /** Bytes: of the stored file, or written so far. Throws `FileNotFoundError`. */
  override async size(): Promise<number> {
    return this.#writer ? this.#writer.size : super.size();
  }

  override tell(): number {
    return this.#writer ? this.#writer.size : super.tell();
  }

  override writable(): boolean {
    return !this.closed && this.#writer !== undefined;
  }

  /** Takes bytes, or text as UTF-8; resolves when there is room for more. Returns how many bytes it took. */
  override async write(content: string | Uint8Array): Promise<number> {
    if (this.closed) throw new ValueError('I/O operation on closed file.');
    if (!this.#writer) throw new UnsupportedOperation('File was opened for read-only access.');
    const piece = viewOf(typeof content === 'string' ? Buffer.from(content) : content);
    await this.#writer.write(piece);
    return piece.length;
  }

  /** Opens a closed file again, in another mode if one is given, or goes back to the beginning of one that is being read. */
  override async open(mode: FileMode = this.mode): Promise<this> {
    checkMode(mode);
    if (!this.closed && this.#writer)
      throw new UnsupportedOperation('Close the file that is being written before it is opened again.');
    if (this.closed) this.replaceSource(new ObjectSource(this.#object, this.name, callOptions(this.#options)), 0);
    await super.open(mode);
    this.#writer = this.#openWriter();
    return this;
  }

  /** Frees what reading holds, without a request; stores what was written. Rejects when that failed: then nothing is stored. */
  override async close(): Promise<void> {
    if (this.closed) return;
    await super.close();
    await this.#writer?.close();
  }

  /** Closes the file and drops what was written to it: what was there before stays. */
  async abort(): Promise<void> {
    if (this.closed) return;
    await super.close();
    await this.#writer?.abort();
  }

  #openWriter(): ObjectWriter | undefined {
    if (!this.mode.startsWith('w')) return undefined;
    const { contentType } = this;
    const shared = { ...callOptions(this.#options), ...(contentType !== undefined && { contentType }) };
    return new ObjectWriter((content, { signal }) => {
      const signals = shared.signal ? AbortSignal.any([shared.signal, signal]) : signal;
      return this.#object.put(content, { ...shared, signal: signals });
    });
  }
}

function callOptions({ signal, timeoutMs }: StoredFileOptions): CallOptions {
  return { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
}

function checkMode(mode: string): void {
  if (MODES.has(mode)) return;
  throw new ValueError(
    `Mode "${mode}" is none that stored files have: "rb" and "r" read, "wb" and "w" write a whole new file. ` +
      'Objects cannot be changed in place; read the file and save it again.',
  );
}
