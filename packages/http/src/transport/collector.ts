import type { WireResponse } from '../wire.js';
import { contentLengthOf } from './response.js';

/** The largest buffer that is set aside because an answer announces so many bytes; beyond, it grows as they arrive. */
const MAX_TRUSTED_BYTES = 64 * 1024 * 1024;
/** What is kept for the next answer: so many buffers, none larger. */
const MAX_SPARE_BUFFERS = 4;
const MAX_SPARE_BYTES = 4 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/** Buffers of documents that were released. New memory of this size costs more, page by page, than all that is done with it. */
const spare: Buffer[] = [];

function spareBuffer(needed: number): Buffer | undefined {
  const kept = spare.pop();
  return kept && kept.length >= needed ? kept : undefined;
}

/** Collects a body: one chunk without a copy, more of them into one buffer of the announced size. */
export class BodyCollector {
  /** Bytes so far. */
  length = 0;
  #whole: Buffer = EMPTY;
  /** `#whole` is no chunk. */
  #isOwn = false;
  readonly #response: WireResponse;
  readonly #isDocument: boolean;

  /** Only a document shares memory with others, and can be released. */
  constructor(response: WireResponse, isDocument: boolean) {
    this.#response = response;
    this.#isDocument = isDocument;
  }

  add(chunk: Buffer): void {
    const length = this.length + chunk.length;
    if (this.length === 0) {
      this.#whole = chunk;
    } else {
      if (length > this.#whole.length || !this.#isOwn) this.#grow(length);
      chunk.copy(this.#whole, this.length);
    }
    this.length = length;
  }

  /** The body; empty once it was released. */
  get bytes(): Buffer {
    return this.length === this.#whole.length ? this.#whole : this.#whole.subarray(0, this.length);
  }

  /** Keeps the buffer of a document for another one. */
  release(): void {
    if (!this.#isDocument) return;
    const isKept = this.#isOwn && this.#whole.length <= MAX_SPARE_BYTES && spare.length < MAX_SPARE_BUFFERS;
    if (isKept) spare.push(this.#whole);
    this.#whole = EMPTY;
    this.#isOwn = false;
    this.length = 0;
  }

  #grow(needed: number): void {
    const announced = contentLengthOf(this.#response) ?? 0;
    const trusted = Math.min(announced, MAX_TRUSTED_BYTES);
    const wanted = trusted >= needed ? trusted : Math.max(needed, this.#whole.length * 2);
    const grown = (this.#isDocument && spareBuffer(needed)) || Buffer.allocUnsafeSlow(wanted);
    this.#whole.copy(grown, 0, 0, this.length);
    this.#whole = grown;
    this.#isOwn = true;
  }
}
