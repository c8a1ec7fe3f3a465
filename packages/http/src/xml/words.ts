import type { XmlSource } from './source.js';

/** Different words that are kept, so that a hostile page cannot fill the table. */
const MAX_WORDS = 1000;
/** Words below this length are compared with the last one of their length, which costs less than to look them up. Bytes. */
const MAX_SHORT = 32;

/** Values that come again and again in one document: the same string each time, which does not keep the document alive. */
export class Words {
  readonly #source: XmlSource;
  readonly #all = new Map<string, string>();
  /** By length. */
  readonly #last: (string | undefined)[] = new Array<undefined>(MAX_SHORT).fill(undefined);

  constructor(source: XmlSource) {
    this.#source = source;
  }

  /** Gives the plain text between two positions that were reached. */
  at(from: number, to: number): string {
    const length = to - from;
    const last = this.#last[length];
    if (last !== undefined && this.#source.startsWith(last, from)) return last;
    const word = this.#find(from, to);
    // Words beyond ASCII have fewer characters than bytes, and could be taken for others.
    if (length < MAX_SHORT && word.length === length) this.#last[length] = word;
    return word;
  }

  #find(from: number, to: number): string {
    const key = this.#source.slice(from, to);
    const known = this.#all.get(key);
    if (known !== undefined) return known;
    const word = this.#source.copy(from, to);
    if (this.#all.size < MAX_WORDS) this.#all.set(key, word);
    return word;
  }
}
