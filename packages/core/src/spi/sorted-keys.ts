import { compareBytes } from './byte-order.js';

/** A set of strings in byte order that finds the place of any string by bisection. */
export class SortedKeys {
  readonly #keys: string[];

  /** The strings must differ. */
  constructor(keys: Iterable<string> = []) {
    this.#keys = [...keys].sort(compareBytes);
  }

  get length(): number {
    return this.#keys.length;
  }

  at(index: number): string | undefined {
    return this.#keys[index];
  }

  add(key: string): void {
    const index = this.firstFrom(key);
    if (this.#keys[index] !== key) this.#keys.splice(index, 0, key);
  }

  remove(key: string): void {
    const index = this.firstFrom(key);
    if (this.#keys[index] === key) this.#keys.splice(index, 1);
  }

  /** Index of the first key that is `key` or comes after it. */
  firstFrom(key: string): number {
    return this.#first((other) => compareBytes(other, key) >= 0);
  }

  /** Index of the first key that comes after `key`. */
  firstAfter(key: string): number {
    return this.#first((other) => compareBytes(other, key) > 0);
  }

  /** Index of the first key that comes after every key that begins with `prefix`. */
  firstBeyond(prefix: string): number {
    return this.#first((other) => compareBytes(other, prefix) > 0 && !other.startsWith(prefix));
  }

  /** `isPast` is false for the first keys and true for the rest. */
  #first(isPast: (key: string) => boolean): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isPast(this.#keys[middle] as string)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
