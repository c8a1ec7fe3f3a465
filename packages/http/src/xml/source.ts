import { isAscii, isUtf8 } from 'node:buffer';
import { StorageError } from '@stowage/core/spi';
import { decodeReferences } from './references.js';

const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/**
 * The bytes of a document and the same as text, one character for each byte: positions are byte positions, and values of documents
 * that are not ASCII are decoded from the bytes.
 */
export class XmlSource {
  readonly text: string;
  /** Position of the first character after a byte order mark. */
  readonly start: number;
  readonly #bytes: Buffer;
  readonly #isAscii: boolean;
  readonly #what: string;
  /** There is no `&` from the one position up to the other, so that text without one costs no search. */
  #plainFrom = 0;
  #ampersandAt = -1;

  /** `what` names the document in errors, such as "the listing". Throws `unknown` for what is not UTF-8. */
  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
    this.text = bytes.toString('latin1');
    this.start = this.text.startsWith(BYTE_ORDER_MARK) ? 3 : 0;
    this.#isAscii = isAscii(bytes);
    if (!this.#isAscii && !isUtf8(bytes)) throw this.bad('it is not UTF-8', 0);
    const head = this.text.slice(this.start, this.start + 200);
    const [, encoding = 'utf-8'] = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)["']/.exec(head) ?? [];
    if (!/^(?:utf-?8|us-ascii)$/i.test(encoding)) throw this.bad(`its encoding is ${encoding}`, 0);
  }

  /** The byte at a position; fails at the end, so that every loop ends. */
  code(at: number): number {
    if (at >= this.text.length) throw this.bad('it ends too early', at);
    return this.text.charCodeAt(at);
  }

  /** Finds what must come. */
  indexOf(search: string, from: number): number {
    const at = this.text.indexOf(search, from);
    if (at === -1) throw this.bad('it ends too early', from);
    return at;
  }

  /** True when there is a reference between two positions. */
  hasReference(from: number, to: number): boolean {
    if (from > this.#ampersandAt || from < this.#plainFrom) {
      const at = this.text.indexOf('&', from);
      this.#plainFrom = from;
      this.#ampersandAt = at === -1 ? this.text.length : at;
    }
    return this.#ampersandAt < to;
  }

  /** Text between two positions as it stands. It may keep the whole document alive: see `compactStrings`. */
  raw(from: number, to: number): string {
    return this.#isAscii ? this.text.slice(from, to) : this.#bytes.toString('utf8', from, to);
  }

  /** As `raw`, but a string of its own. */
  copy(from: number, to: number): string {
    return this.#bytes.toString('utf8', from, to);
  }

  /** Decodes the bytes between two positions, references included. */
  decode(from: number, to: number): string {
    const text = this.raw(from, to);
    return text.includes('&') ? decodeReferences(text, (why) => this.bad(why, from)) : text;
  }

  bad(why: string, at: number): StorageError {
    return new StorageError(
      'unknown',
      `The server sent XML that cannot be read as ${this.#what}: ${why} (byte ${at}).`,
    );
  }
}
