import { UnsupportedOperation, ValueError } from '../errors.js';
import { ByteReader } from './byte-reader.js';
import { type ByteSource, type FileContent, sourceOf } from './source.js';
import { decodeText, endOfCharacters, endOfLine } from './text.js';

/** As in Python: without `b`, a file is text in UTF-8. */
export type ReadMode = 'r' | 'rt' | 'rb';
export type WriteMode = 'w' | 'wt' | 'wb';
export type FileMode = ReadMode | WriteMode;

/** What reading gives in a mode: `Buffer` with `b`, `string` without. */
export type DataOf<Mode extends FileMode> = Mode extends `${string}b` ? Buffer : string;

/** Where `seek` counts from, as in Python: 0, the beginning; 1, the present position; 2, the end. */
export type Whence = 0 | 1 | 2;

export interface FileOptions {
  /** `r` to read text in UTF-8. Default `rb`. */
  readonly mode?: FileMode;
  /** What `save()` stores as the content type. Default: that of a Blob, else guessed from the name that it is saved under. */
  readonly contentType?: string | undefined;
}

const LINE_READ_BYTES = 65_536;

/**
 * Django's `File`, over a path, bytes, a Blob or a stream. Nothing is read before it is wanted, and never more than a small
 * buffer is held; a stream can be read once, and only forwards. A file that is read as text counts positions in bytes.
 */
export class File<Data extends Buffer | string = Buffer> implements AsyncIterable<Data>, AsyncDisposable {
  /** Bytes, or characters of text, that `chunks()` gives at a time. */
  static readonly DEFAULT_CHUNK_SIZE = 65_536;

  readonly name: string | undefined;
  readonly contentType: string | undefined;
  #source: ByteSource;
  #reader: ByteReader;
  #mode: FileMode;
  #closed = false;
  #taken = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** A string given as content is text, never a path. `name` defaults to that of a Blob, or of the path's last part. */
  constructor(content: FileContent, name?: string, options: FileOptions = {}) {
    this.#source = sourceOf(content);
    this.#reader = new ByteReader(this.#source);
    this.#mode = options.mode ?? 'rb';
    this.name = name ?? nameOf(content);
    this.contentType =
      options.contentType ?? (content instanceof Blob && content.type !== '' ? content.type : undefined);
  }

  get mode(): FileMode {
    return this.#mode;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The bytes under the file, as `save()` sends them. */
  get source(): ByteSource {
    return this.#source;
  }

  /** Tells how many bytes the file has. Throws `UnsupportedOperation` for a stream. */
  async size(): Promise<number> {
    return this.#source.knownSize ?? this.#source.size();
  }

  /** Reads `count` bytes, or characters of text; fewer only at the end; without `count`, all that is left, into memory. */
  async read(count?: number | null): Promise<Data> {
    return this.#inTurn(async (reader) => {
      if (count === undefined || count === null || count < 0) return this.#decode(await reader.readToEnd());
      return this.#decode(await (this.#isText ? readCharacters(reader, count) : reader.read(count)));
    });
  }

  /** Reads one line with its end (LF, CR LF or CR); empty at the end of the file. */
  async readline(): Promise<Data> {
    return this.#inTurn(async (reader) => this.#decode(await readLine(reader)));
  }

  /** Goes to the beginning and gives one line after the other, each with its end. */
  async *lines(): AsyncGenerator<Data, void, undefined> {
    await this.#rewind();
    this.#reader.readOn();
    for (let line = await this.readline(); line.length > 0; line = await this.readline()) yield line;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Data, void, undefined> {
    return this.lines();
  }

  /** Goes to the beginning and gives all content in pieces of `size` bytes, or characters of text; only the last is shorter. */
  async *chunks(size: number = File.DEFAULT_CHUNK_SIZE): AsyncGenerator<Data, void, undefined> {
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`A chunk size is a whole number above 0, not ${size}.`);
    await this.#rewind();
    this.#reader.readOn();
    for (let chunk = await this.read(size); chunk.length > 0; chunk = await this.read(size)) yield chunk;
  }

  /**
   * Gives all bytes of a stream, in whatever mode the file is, for `save()`.
   * Throws `ValueError` when some of them were read before: they would be missing in what is stored.
   */
  async *takeStream(): AsyncGenerator<Buffer, void, undefined> {
    const reader = this.#readable();
    if (this.#taken || reader.position > 0) {
      throw new ValueError('The stream was read already, and a stream can be read only once.');
    }
    this.#taken = true;
    reader.readOn();
    while ((await reader.fill(1)) > 0) yield reader.take(Infinity);
  }

  /** True when `chunks(size)` gives more than one. */
  async multipleChunks(size: number = File.DEFAULT_CHUNK_SIZE): Promise<boolean> {
    return (await this.size()) > size;
  }

  /** Goes to a byte and returns its offset. Reads nothing: beyond the end, reading gives nothing. */
  async seek(offset: number, whence: Whence = 0): Promise<number> {
    return this.#inTurn(async (reader) => {
      const origin = whence === 0 ? 0 : whence === 1 ? reader.position : await this.size();
      const position = origin + offset;
      if (!Number.isSafeInteger(position) || position < 0) throw new ValueError(`negative seek value ${position}`);
      await reader.seek(position);
      return position;
    });
  }

  /** Offset of the next byte. */
  tell(): number {
    return this.#readable().position;
  }

  /** Refused here: `ContentFile` can be written to, and what `storage.open(name, 'w')` gives. Returns how many bytes it took. */
  write(_content: string | Uint8Array): Promise<number> {
    return Promise.reject(new UnsupportedOperation('File was opened for read-only access.'));
  }

  readable(): boolean {
    return !this.#closed && this.#mode.startsWith('r');
  }

  writable(): boolean {
    return false;
  }

  seekable(): boolean {
    return this.readable() && this.#source.replayable;
  }

  /** Goes back to the beginning; opens a closed file again. */
  async open(mode: FileMode = this.#mode): Promise<this> {
    if (this.#closed && !this.#source.replayable) throw new ValueError('The file cannot be reopened.');
    this.#closed = false;
    this.#mode = mode;
    await this.#reader.seek(0);
    return this;
  }

  /** Frees what reading holds. Closing a file that was not read costs nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toString(): string {
    return this.name ?? '';
  }

  /** Reads other bytes from now on, from the same position. */
  protected replaceSource(source: ByteSource, position: number): void {
    this.#source = source;
    this.#reader = new ByteReader(source, position);
  }

  get #isText(): boolean {
    return !this.#mode.includes('b');
  }

  /** `Data` follows from the mode; the type of the constructor or of `storage.open` keeps the two together. */
  #decode(bytes: Buffer): Data {
    return (this.#isText ? decodeText(bytes, this.name ?? 'The file') : bytes) as Data;
  }

  #readable(): ByteReader {
    if (this.#closed) throw new ValueError('I/O operation on closed file.');
    if (!this.#mode.startsWith('r')) throw new UnsupportedOperation('File was opened for write-only access.');
    return this.#reader;
  }

  /** Lets calls that were not awaited wait for each other: each reads where the one before ended. */
  #inTurn<T>(work: (reader: ByteReader) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => work(this.#readable());
    const turn = this.#turn.then(run, run);
    this.#turn = turn;
    return turn;
  }

  /** A stream that cannot go back goes on from where it is, as in Django. */
  async #rewind(): Promise<void> {
    this.#readable();
    if (this.#source.replayable) await this.seek(0);
  }
}

async function readLine(reader: ByteReader): Promise<Buffer> {
  for (let searched = 0; ;) {
    const end = endOfLine(reader.buffered, searched);
    if (end !== undefined) return reader.take(end);
    const before = reader.buffered.length;
    // A CR at the very end is looked at again, to see whether LF follows it.
    searched = Math.max(0, before - 1);
    if ((await reader.fill(before + LINE_READ_BYTES)) === before) return reader.take(before);
  }
}

async function readCharacters(reader: ByteReader, count: number): Promise<Buffer> {
  for (let missing = count; ;) {
    const before = reader.buffered.length;
    const filled = await reader.fill(before + missing);
    const found = endOfCharacters(reader.buffered, count);
    if (found.missing === 0) return reader.take(found.end);
    if (filled < before + missing) return reader.take(filled);
    missing = found.missing;
  }
}

function nameOf(content: FileContent): string | undefined {
  if (typeof content !== 'object') return undefined;
  const { name, path } = content as { readonly name?: unknown; readonly path?: unknown };
  if (content instanceof Blob && typeof name === 'string') return name;
  return typeof path === 'string' ? (path.split(/[\\/]/).at(-1) ?? path) : undefined;
}
