/** Cuts and joins chunks so that each has exactly the wanted size, but for the last. */
export class Rechunker {
  readonly #size: number;
  #waiting: Buffer[] = [];
  #length = 0;

  /** `size` in bytes; undefined lets every chunk through as it is. */
  constructor(size: number | undefined) {
    this.#size = size ?? 0;
  }

  /** Takes a chunk and gives those that are full now; those that need no joining are views of it. */
  add(chunk: Buffer): readonly Buffer[] {
    if (this.#size === 0) return [chunk];
    this.#waiting.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#size) return [];
    const joined = this.#waiting.length === 1 ? chunk : Buffer.concat(this.#waiting);
    const full: Buffer[] = [];
    let start = 0;
    for (; start + this.#size <= joined.length; start += this.#size)
      full.push(joined.subarray(start, start + this.#size));
    this.#waiting = start < joined.length ? [joined.subarray(start)] : [];
    this.#length = joined.length - start;
    return full;
  }

  /** The last chunk; undefined when nothing is left. */
  finish(): Buffer | undefined {
    const last = this.#length > 0 ? Buffer.concat(this.#waiting) : undefined;
    this.#waiting = [];
    this.#length = 0;
    return last;
  }
}
