import { combineCrc, isCrcAlgorithm } from '../checksum/combine.js';
import { createDigest, type Digest } from '../checksum/digest.js';
import type { ChecksumAlgorithm } from '../spi/checksums.js';
import type { Checksums } from '../spi/records.js';

/** Digests of a body that goes in parts: those that can be combined from the parts are, others see every byte in order. */
export class WholeDigests {
  #incremental: readonly (readonly [ChecksumAlgorithm, Digest])[];
  #combined: ChecksumAlgorithm | undefined;
  #crc: string | undefined;

  /** `part` is the algorithm by which each part is digested anyway. */
  constructor(algorithms: Iterable<ChecksumAlgorithm>, part: ChecksumAlgorithm | undefined) {
    const wanted = [...new Set(algorithms)];
    this.#combined = part && isCrcAlgorithm(part) && wanted.includes(part) ? part : undefined;
    const others = wanted.filter((algorithm) => algorithm !== this.#combined);
    this.#incremental = others.map((algorithm) => [algorithm, createDigest(algorithm)] as const);
  }

  /** True when bytes that are not sent must be read all the same. */
  get needsBytes(): boolean {
    return this.#incremental.length > 0;
  }

  /** Shows bytes, in their order. */
  update(bytes: Uint8Array): void {
    for (const [, digest] of this.#incremental) digest.update(bytes);
  }

  /** Adds the digest of the next part, by the algorithm of the parts. */
  addPart(value: string, size: number): void {
    const algorithm = this.#combined;
    if (!algorithm || !isCrcAlgorithm(algorithm)) return;
    this.#crc = this.#crc === undefined ? value : combineCrc(algorithm, this.#crc, value, size);
  }

  /** Gives up the digest that is put together of the parts: the digest of one of them will not be seen. */
  missPart(): void {
    this.#combined = undefined;
  }

  /** Gives up all digests: some bytes will not be seen at all. */
  missBytes(): void {
    this.missPart();
    this.#incremental = [];
  }

  /** The digests of the whole; call it once, when all parts were seen. */
  finish(): Checksums {
    const values = this.#incremental.map(([algorithm, digest]) => [algorithm, digest.hex()]);
    if (this.#combined && this.#crc !== undefined) values.push([this.#combined, this.#crc]);
    return Object.fromEntries(values) as Checksums;
  }
}
