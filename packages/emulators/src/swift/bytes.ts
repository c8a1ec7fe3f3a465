const ZEROS = Buffer.alloc(1024 ** 2);

/** A body in memory: pieces that are shared, never copied, by slices, copies and large objects. */
export class Bytes {
  static readonly empty = new Bytes([]);
  readonly size: number;

  constructor(readonly chunks: readonly Buffer[]) {
    this.size = chunks.reduce((size, chunk) => size + chunk.length, 0);
  }

  static of(content: string | Buffer): Bytes {
    return new Bytes([Buffer.from(content)]);
  }

  /** So many zero bytes; they take no memory. */
  static zeros(size: number): Bytes {
    const whole = Array.from({ length: Math.floor(size / ZEROS.length) }, () => ZEROS);
    return new Bytes([...whole, ZEROS.subarray(0, size % ZEROS.length)]);
  }

  static join(parts: readonly Bytes[]): Bytes {
    return new Bytes(parts.flatMap((part) => part.chunks));
  }

  /** From `start` up to, not including, `end`. */
  slice(start: number, end: number): Bytes {
    if (start <= 0 && end >= this.size) return this;
    const chosen: Buffer[] = [];
    let offset = 0;
    for (const chunk of this.chunks) {
      if (offset >= end) break;
      if (offset + chunk.length > start) chosen.push(chunk.subarray(Math.max(0, start - offset), end - offset));
      offset += chunk.length;
    }
    return new Bytes(chosen);
  }

  toBuffer(): Buffer {
    const [only] = this.chunks;
    return this.chunks.length === 1 && only ? only : Buffer.concat(this.chunks);
  }

  toString(): string {
    return this.toBuffer().toString();
  }
}
