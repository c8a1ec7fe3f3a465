import { UnsupportedOperation } from '../errors.js';
import { type ByteSource, viewOf } from './source.js';

const EMPTY: Buffer = Buffer.alloc(0);

/** Joins without copying where there is nothing to join. */
function joinPieces(pieces: readonly Buffer[]): Buffer {
  const [first = EMPTY, second] = pieces.filter((piece) => piece.length > 0);
  return second === undefined ? first : Buffer.concat(pieces);
}

/**
 * Reads a source from any position with a small buffer. Nothing is asked of the source before bytes are wanted; a reader that
 * jumps asks for small windows, one that goes on reading gets a stream to the end.
 */
export class ByteReader {
  readonly #source: ByteSource;
  #buffer = EMPTY;
  #position: number;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  /** First byte that the open iterator does not give, where a window bounds it. */
  #windowEnd: number | undefined;
  #readsOn = false;
  #atEnd = false;

  constructor(source: ByteSource, position = 0) {
    this.#source = source;
    this.#position = position;
  }

  /** Offset of the next byte. */
  get position(): number {
    return this.#position;
  }

  /** Bytes that are here already, from `position` on. */
  get buffered(): Buffer {
    return this.#buffer;
  }

  /** Buffers at least `count` bytes, or all that are left. Returns how many are buffered. */
  async fill(count: number): Promise<number> {
    const pieces = [this.#buffer];
    let length = this.#buffer.length;
    try {
      while (length < count && !this.#atEnd) {
        const chunk = await this.#next(this.#position + length, count - length);
        if (chunk !== undefined) length += pieces[pieces.push(chunk) - 1]?.length ?? 0;
      }
    } finally {
      this.#buffer = joinPieces(pieces);
    }
    return length;
  }

  /** Takes at most `count` bytes out of the buffer. */
  take(count: number): Buffer {
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(taken.length);
    this.#position += taken.length;
    return taken;
  }

  /** Reads `count` bytes, fewer only at the end. */
  async read(count: number): Promise<Buffer> {
    await this.fill(count);
    return this.take(count);
  }

  /** Reads all that is left, into memory. */
  async readToEnd(): Promise<Buffer> {
    if (this.#iterator === undefined && this.#buffer.length === 0 && !this.#atEnd && this.#source.readToEnd) {
      const bytes = await this.#source.readToEnd(this.#position);
      this.#position += bytes.length;
      this.#atEnd = true;
      return bytes;
    }
    return this.read(Infinity);
  }

  /** Says that everything up to the end will be wanted. */
  readOn(): void {
    this.#readsOn = true;
  }

  /** Goes to a byte. Throws `UnsupportedOperation` when that means to go back in a stream that can be read only once. */
  async seek(position: number): Promise<void> {
    const ahead = position - this.#position;
    if (ahead === 0) return;
    if (ahead > 0 && ahead <= this.#buffer.length) {
      this.take(ahead);
      return;
    }
    if (!this.#source.replayable) return this.#skip(ahead);
    await this.close();
    this.#position = position;
  }

  /** Frees what is held. Reading may go on from the same position. */
  async close(): Promise<void> {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    this.#windowEnd = undefined;
    this.#buffer = EMPTY;
    this.#readsOn = false;
    this.#atEnd = false;
    await iterator?.return?.();
  }

  async #skip(count: number): Promise<void> {
    if (count < 0) throw new UnsupportedOperation('A stream that can be read only once does not go back.');
    for (let left = count; left > 0;) {
      const skipped = (await this.read(Math.min(left, 65_536))).length;
      if (skipped === 0) return;
      left -= skipped;
    }
  }

  async #next(position: number, wanted: number): Promise<Buffer | undefined> {
    this.#iterator ??= this.#open(position, wanted);
    if (this.#iterator === undefined) return undefined;
    const step = await this.#iterator.next().catch((error: unknown) => {
      // A broken iterator says "done" when it is asked again; the next read must not take that for the end.
      this.#iterator = undefined;
      throw error;
    });
    if (!step.done) return viewOf(step.value);
    this.#atEnd = position !== this.#windowEnd || position === this.#source.knownSize;
    if (!this.#atEnd) this.#iterator = undefined;
    return undefined;
  }

  #open(position: number, wanted: number): AsyncIterator<Uint8Array> | undefined {
    if (this.#source.knownSize !== undefined && position >= this.#source.knownSize) {
      this.#atEnd = true;
      return undefined;
    }
    const { windowBytes } = this.#source;
    const bounded = windowBytes !== undefined && !this.#readsOn && Number.isFinite(wanted);
    this.#windowEnd = bounded ? position + Math.max(wanted, windowBytes) : undefined;
    this.#readsOn = true;
    return this.#source.open(position, this.#windowEnd)[Symbol.asyncIterator]();
  }
}
