import { createHash } from 'node:crypto';
import { crc32c } from '../crc32c.js';

const BLOCK_BYTES = 1024 ** 2;

/** Bytes of an object: blocks that are never joined, with their digests. */
export class Content {
  private constructor(
    readonly blocks: readonly Buffer[],
    readonly size: number,
    readonly crc32c: number,
    /** Missing for what was put together from parts. */
    readonly md5: Buffer | undefined,
  ) {}

  static of(blocks: readonly Buffer[], crc: number, md5: Buffer | undefined): Content {
    return new Content(
      blocks,
      blocks.reduce((size, block) => size + block.length, 0),
      crc,
      md5,
    );
  }

  /** One behind the other; shares the blocks. */
  static joined(contents: readonly Content[]): Content {
    const blocks = contents.flatMap((content) => content.blocks);
    return Content.of(
      blocks,
      blocks.reduce((crc, block) => crc32c(block, crc), 0),
      undefined,
    );
  }

  slice(start: number, end: number): Buffer[] {
    const found: Buffer[] = [];
    let offset = 0;
    for (const block of this.blocks) {
      const [from, to] = [Math.max(start - offset, 0), Math.min(end - offset, block.length)];
      if (from < to) found.push(block.subarray(from, to));
      offset += block.length;
      if (offset >= end) break;
    }
    return found;
  }

  get crc32cBase64(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.crc32c);
    return bytes.toString('base64');
  }

  get md5Base64(): string | undefined {
    return this.md5?.toString('base64');
  }
}

/** Takes bytes as they come and copies each once, so that no block keeps a larger buffer of the network alive. */
export class ContentWriter {
  readonly #blocks: Buffer[] = [];
  readonly #md5 = createHash('md5');
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #crc = 0;
  size = 0;

  append(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#md5.update(chunk);
    this.#crc = crc32c(chunk, this.#crc);
    this.size += chunk.length;
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes >= BLOCK_BYTES) this.#flush();
  }

  /** What came so far; the writer may go on. */
  finish(): Content {
    this.#flush();
    return Content.of([...this.#blocks], this.#crc, this.#md5.copy().digest());
  }

  #flush(): void {
    if (this.#pendingBytes === 0) return;
    this.#blocks.push(Buffer.concat(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

export async function readContent(body: AsyncIterable<Buffer>): Promise<Content> {
  const writer = new ContentWriter();
  for await (const chunk of body) writer.append(chunk);
  return writer.finish();
}

export function contentOf(body: Buffer): Content {
  const writer = new ContentWriter();
  writer.append(body);
  return writer.finish();
}
