import type { WireResponse } from '../wire.js';
import { contentLengthOf } from './response.js';

/** The largest buffer that is set aside because an answer announces so many bytes; beyond, it grows as they arrive. */
const MAX_TRUSTED_BYTES = 64 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/** Collects a body: one chunk without a copy, more of them into one buffer of the announced size. */
export class BodyCollector {
  /** Bytes so far. */
  length = 0;
  #whole: Buffer = EMPTY;
  readonly #response: WireResponse;

  constructor(response: WireResponse) {
    this.#response = response;
  }

  add(chunk: Buffer): void {
    const length = this.length + chunk.length;
    if (this.length === 0) {
      this.#whole = chunk;
    } else {
      if (length > this.#whole.length) this.#grow(length);
      chunk.copy(this.#whole, this.length);
    }
    this.length = length;
  }

  /** Gives the body. The collector must not be used afterwards. */
  take(): Buffer {
    return this.length === this.#whole.length ? this.#whole : this.#whole.subarray(0, this.length);
  }

  #grow(needed: number): void {
    const announced = contentLengthOf(this.#response) ?? 0;
    const trusted = Math.min(announced, MAX_TRUSTED_BYTES);
    const grown = Buffer.allocUnsafeSlow(trusted >= needed ? trusted : Math.max(needed, this.#whole.length * 2));
    this.#whole.copy(grown, 0, 0, this.length);
    this.#whole = grown;
  }
}
