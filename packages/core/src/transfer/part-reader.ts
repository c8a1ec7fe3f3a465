import { createDigest, digestOf } from '../checksum/digest.js';
import { StorageError } from '../errors/storage-error.js';
import type { Checksum, ChecksumAlgorithm } from '../spi/checksums.js';
import type { PutBody } from '../spi/requests.js';
import { BytesBody, SliceBody, sizeMismatch } from './body.js';
import { GrowingBuffer, PartBuffers } from './part-buffers.js';
import { type PartsPlan, partSizeAt } from './plan.js';
import type { ChunkReader, Source } from './source.js';
import { sourceFailure } from './stream-source.js';
import type { WholeDigests } from './whole-digest.js';

/** Larger parts of sources that can be read again are read twice, for digest and body, and not held in memory. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;

/** One part of a body, read and digested. */
export interface ReadPart {
  /** Counted from 1. */
  readonly number: number;
  /** Its first byte in the body. */
  readonly offset: number;
  readonly size: number;
  readonly last: boolean;
  readonly body: PutBody;
  readonly checksum: Checksum | undefined;
  /** Gives the memory back; only when nobody looks at it any more. */
  release(): void;
}

/** Where reading begins, and how parts are digested. */
export interface PartReaderInput {
  readonly source: Source;
  readonly plan: PartsPlan;
  /** Bytes of the whole body, where they are known. */
  readonly size: number | undefined;
  readonly partAlgorithm: ChecksumAlgorithm | undefined;
  readonly whole: WholeDigests;
  /** The first part to read. A source that is not replayable is positioned there. Default: the first part of all. */
  readonly from?: { readonly number: number; readonly offset: number } | undefined;
}

/** Content of a part before it is digested. */
interface Content {
  readonly bytes: Buffer | undefined;
  readonly size: number;
  readonly memory?: Buffer | undefined;
}

/** Reads a source part by part, in order. Of an empty source it gives one empty part. */
export class PartReader {
  readonly #input: PartReaderInput;
  readonly #buffers = new PartBuffers();
  readonly #stream: ChunkReader | undefined;
  #rest: Buffer | undefined;
  #number: number;
  #offset: number;
  #done = false;

  constructor(input: PartReaderInput) {
    this.#input = input;
    this.#number = input.from?.number ?? 1;
    this.#offset = input.from?.offset ?? 0;
    this.#stream = input.source.replayable ? undefined : input.source.read(0);
  }

  /** Bytes that the next part has at most. */
  get nextSize(): number {
    const left = this.#input.size === undefined ? Infinity : this.#input.size - this.#offset;
    return Math.min(partSizeAt(this.#input.plan, this.#number), left);
  }

  /** The part that is read next. */
  get number(): number {
    return this.#number;
  }

  /** Passes over a part that need not be read; only of a source that can be read from anywhere. */
  skip(size: number): void {
    this.#number++;
    this.#offset += size;
    this.#done = this.#offset === this.#input.size;
    this.#input.whole.missBytes();
  }

  /** Reads the next part; undefined after the last. Throws `invalid-argument` when the source is not of its size. */
  async next(): Promise<ReadPart | undefined> {
    if (this.#done) return undefined;
    const { plan } = this.#input;
    const [number, offset] = [this.#number, this.#offset];
    if (number > plan.maxParts) throw tooManyParts(plan, offset);
    const part = await this.#read().catch((error: unknown) => Promise.reject(sourceFailure(error)));
    if (part.size === 0 && offset > 0) return undefined;
    const { memory } = part;
    const release = (): void => {
      if (memory) this.#buffers.give(memory);
    };
    return { number, offset, size: part.size, last: this.#done, body: part.body, checksum: part.checksum, release };
  }

  async #read(): Promise<Pick<ReadPart, 'body' | 'checksum' | 'size'> & Pick<Content, 'memory'>> {
    const start = this.#offset;
    const { bytes, size, memory } = await (this.#stream ? this.#readOn(this.#stream) : this.#readSlice());
    this.#number++;
    this.#offset += size;
    this.#done = this.#stream ? this.#rest === undefined : this.#offset === this.#input.size;
    const body = bytes ? new BytesBody(bytes) : new SliceBody(this.#input.source, start, this.#offset);
    return { body, size, memory, checksum: await this.#digest(body, start) };
  }

  async #readSlice(): Promise<Content> {
    const { source } = this.#input;
    const [start, size] = [this.#offset, this.nextSize];
    if (source.bytes) return { bytes: source.bytes.subarray(start, start + size), size };
    if (size > MAX_BUFFERED_BYTES) return { bytes: undefined, size };
    const memory = this.#buffers.take(size);
    const bytes = memory.subarray(0, size);
    if (source.fill) await source.fill(bytes, start);
    else await fillFrom(source.read(start, start + size), bytes);
    return { bytes, size, memory };
  }

  /** Collects one part of a stream, and looks one chunk further to know whether it was the last. */
  async #readOn(stream: ChunkReader): Promise<Content> {
    const { plan, size } = this.#input;
    const wanted = partSizeAt(plan, this.#number);
    const isFirst = this.#number === (this.#input.from?.number ?? 1);
    const lent = isFirst && size === undefined ? undefined : this.#buffers.take(Math.max(1, this.nextSize));
    const part = new GrowingBuffer(lent, wanted);
    while (part.length < wanted) {
      const chunk = this.#rest ?? (await stream.next());
      if (!chunk) break;
      this.#rest = part.add(chunk);
    }
    this.#rest ??= await stream.next();
    this.#checkSize(this.#offset + part.length, size);
    return { bytes: part.bytes, size: part.length, memory: part.memory };
  }

  #checkSize(read: number, size: number | undefined): void {
    if (size === undefined) return;
    if (read > size || (read === size && this.#rest)) throw sizeMismatch(`more than ${size}`, size);
    if (read < size && !this.#rest) throw sizeMismatch(String(read), size);
  }

  async #digest(body: PutBody, offset: number): Promise<Checksum | undefined> {
    const { partAlgorithm: algorithm, whole } = this.#input;
    if (body.bytes) {
      whole.update(body.bytes);
      return algorithm && this.#addPart(algorithm, digestOf(algorithm, body.bytes), body.bytes.length);
    }
    if (!algorithm && !whole.needsBytes) return undefined;
    const size = body.size as number;
    const part = algorithm && createDigest(algorithm);
    await eachChunk(this.#input.source.read(offset, offset + size), (chunk) => {
      whole.update(chunk);
      part?.update(chunk);
    });
    return part && this.#addPart(algorithm, part.hex(), size);
  }

  #addPart(algorithm: ChecksumAlgorithm, value: string, size: number): Checksum {
    this.#input.whole.addPart(value, size);
    return { algorithm, value };
  }
}

/** Fills `target` from a reader. Throws `invalid-argument` when it gives fewer or more bytes. */
export async function fillFrom(reader: ChunkReader, target: Buffer): Promise<void> {
  let filled = 0;
  await eachChunk(reader, (chunk) => {
    if (filled + chunk.length > target.length) throw sizeMismatch(`more than ${target.length}`, target.length);
    filled += chunk.copy(target, filled);
  });
  if (filled < target.length) throw sizeMismatch(String(filled), target.length);
}

/** Reads to the end; lets go of the source when it or `take` fails. */
export async function eachChunk(reader: ChunkReader, take: (chunk: Buffer) => void): Promise<void> {
  try {
    for (let chunk = await reader.next(); chunk; chunk = await reader.next()) take(chunk);
  } catch (error) {
    await reader.close(error);
    throw error;
  }
}

function tooManyParts(plan: PartsPlan, offset: number): StorageError {
  const message = `The source has more than the ${offset} bytes that ${plan.maxParts} parts hold; give its "size", or a larger "partSize". Nothing was stored.`;
  return new StorageError('invalid-argument', message);
}
