const FIRST_BYTES = 64 * 1024;
const GROWTH = 4;

/** Lends memory for parts and takes it back, so that a large upload touches no more memory than its parts under way. */
export class PartBuffers {
  readonly #free: Buffer[] = [];

  take(size: number): Buffer {
    for (let last = this.#free.pop(); last; last = this.#free.pop()) {
      if (last.length >= size) return last;
    }
    return Buffer.allocUnsafeSlow(size);
  }

  /** Takes memory back that nobody else looks at any more. */
  give(buffer: Buffer): void {
    this.#free.push(buffer);
  }
}

/** Memory for a part of unknown length: small at first, so that a small stream does not cost a whole part. */
export class GrowingBuffer {
  readonly #maxBytes: number;
  #buffer: Buffer;
  #length = 0;

  constructor(buffer: Buffer | undefined, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#buffer = buffer ?? Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, maxBytes));
  }

  get length(): number {
    return this.#length;
  }

  /** What was added; a view of the memory. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  get memory(): Buffer {
    return this.#buffer;
  }

  /** Copies as much of the chunk as fits; returns the rest. */
  add(chunk: Buffer): Buffer | undefined {
    const size = Math.min(chunk.length, this.#maxBytes - this.#length);
    this.#reserve(this.#length + size);
    chunk.copy(this.#buffer, this.#length, 0, size);
    this.#length += size;
    return size < chunk.length ? chunk.subarray(size) : undefined;
  }

  #reserve(needed: number): void {
    if (needed <= this.#buffer.length) return;
    let capacity = this.#buffer.length;
    while (capacity < needed) capacity *= GROWTH;
    const larger = Buffer.allocUnsafeSlow(Math.min(capacity, this.#maxBytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
