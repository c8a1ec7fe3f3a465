/** Bytes that grow at their end without being copied. */
export class Content {
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(bytes?: Buffer) {
    if (bytes && bytes.length > 0) this.write(0, bytes);
  }

  get size(): number {
    return this.#size;
  }

  /** Writes over what is there and beyond it; `offset` lies at most at the end. */
  write(offset: number, bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (offset === this.#size) {
      this.#chunks.push(bytes);
      this.#size += bytes.length;
      return;
    }
    const end = offset + bytes.length;
    this.#chunks = [...this.slice(0, offset), bytes, ...this.slice(Math.min(end, this.#size), this.#size)];
    this.#size = Math.max(this.#size, end);
  }

  slice(start: number, end: number): Buffer[] {
    const found: Buffer[] = [];
    let at = 0;
    for (const chunk of this.#chunks) {
      const [from, to] = [Math.max(start - at, 0), Math.min(end - at, chunk.length)];
      if (from < to) found.push(chunk.subarray(from, to));
      at += chunk.length;
    }
    return found;
  }

  copy(): Content {
    const copy = new Content();
    for (const chunk of this.#chunks) copy.write(copy.size, chunk);
    return copy;
  }
}
