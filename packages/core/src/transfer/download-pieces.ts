import { combineCrcs, isCrcAlgorithm } from '../checksum/combine.js';
import { createDigest, type Digest } from '../checksum/digest.js';
import type { Checksum, ChecksumAlgorithm } from '../spi/checksums.js';
import { type DownloadPlan, downloadRange } from './plan.js';

/** One range of a download. */
export interface Piece {
  readonly index: number;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * Ranges that nobody reads yet. The first request goes on from piece to piece at the front, and so needs no second one; the others
 * take pieces from the back.
 */
export class PieceQueue {
  readonly #plan: DownloadPlan;
  #front = 0;
  #back: number;

  constructor(plan: DownloadPlan) {
    this.#plan = plan;
    this.#back = plan.count;
  }

  takeFirst(): Piece | undefined {
    return this.#front < this.#back ? this.#piece(this.#front++) : undefined;
  }

  takeLast(): Piece | undefined {
    return this.#front < this.#back ? this.#piece(--this.#back) : undefined;
  }

  #piece(index: number): Piece {
    return { index, ...downloadRange(this.#plan, index) };
  }
}

/** Digests pieces that come in any order, where the digest of the whole can be put together of theirs. */
export class PieceDigests {
  readonly #algorithm: ChecksumAlgorithm | undefined;
  readonly #values: { readonly value: string; readonly size: number }[] = [];

  constructor(expected: Checksum | undefined) {
    this.#algorithm = expected && isCrcAlgorithm(expected.algorithm) ? expected.algorithm : undefined;
  }

  /** Starts the digest of a piece; undefined when pieces need none. */
  begin(): Digest | undefined {
    return this.#algorithm && createDigest(this.#algorithm);
  }

  end(piece: Piece, digest: Digest | undefined): void {
    if (digest) this.#values[piece.index] = { value: digest.hex(), size: piece.end - piece.start };
  }

  /** The digest of the whole; undefined when it can only be computed in order. */
  whole(): string | undefined {
    const algorithm = this.#algorithm;
    return algorithm && isCrcAlgorithm(algorithm) ? combineCrcs(algorithm, this.#values) : undefined;
  }
}
