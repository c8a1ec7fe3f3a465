import { isAscii, isUtf8 } from 'node:buffer';
import { StorageError } from '@stowage/core/spi';
import { parseIsoDateMs } from '../dates.js';
import { decodeReferences } from './references.js';

const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/** Bytes of the document that are text at one time. Longer strings get fresh memory from the system, page by page, for each document. */
const WINDOW_BYTES = 64 * 1024;
/** A window is moved when so much of it was read. */
const MOVED_BYTES = 48 * 1024;

/**
 * The bytes of a document and, through a window that follows the reader, the same as text, one character for each byte. Positions
 * are byte positions in the document; values of documents that are not ASCII are decoded from the bytes.
 */
export class XmlSource {
  /** Bytes. */
  readonly length: number;
  /** Position of the first character after a byte order mark. */
  readonly start: number;
  readonly #bytes: Buffer;
  readonly #isAscii: boolean;
  readonly #what: string;
  /** The window: text of the document from `#base` on. */
  #text: string;
  #base = 0;
  /** There is no `&` from the one position up to the other, so that text without one costs no search. */
  #plainFrom = 0;
  #plainTo = 0;

  /** `what` names the document in errors, such as "the listing". Throws `unknown` for what is not UTF-8. */
  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
    this.length = bytes.length;
    this.#text = bytes.toString('latin1', 0, WINDOW_BYTES);
    this.start = this.#text.startsWith(BYTE_ORDER_MARK) ? 3 : 0;
    this.#isAscii = isAscii(bytes);
    if (!this.#isAscii && !isUtf8(bytes)) throw this.bad('it is not UTF-8', 0);
    const head = this.#text.slice(this.start, this.start + 200);
    const [, encoding = 'utf-8'] = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)["']/.exec(head) ?? [];
    if (!/^(?:utf-?8|us-ascii)$/i.test(encoding)) throw this.bad(`its encoding is ${encoding}`, 0);
  }

  /** Tells that nothing before a position is read again. */
  moveTo(at: number): void {
    if (at - this.#base < MOVED_BYTES) return;
    this.#base = at;
    this.#text = this.#bytes.toString('latin1', at, Math.min(at + WINDOW_BYTES, this.length));
  }

  /** The byte at a position; fails at the end, so that every loop ends. */
  code(at: number): number {
    if (at - this.#base >= this.#text.length) this.#widen(at + 1);
    return this.#text.charCodeAt(at - this.#base);
  }

  /** Finds what must come. */
  indexOf(search: string, from: number): number {
    const at = this.find(search, from);
    if (at === -1) throw this.bad('it ends too early', from);
    return at;
  }

  /** Finds what may come; -1 when it does not. */
  find(search: string, from: number): number {
    for (;;) {
      const at = this.#text.indexOf(search, from - this.#base);
      if (at !== -1) return at + this.#base;
      const end = this.#base + this.#text.length;
      if (end === this.length) return -1;
      this.#widen(end + 1);
    }
  }

  /** True when just this stands at a position. When it does not, much is searched in vain: see `startsWith`. */
  isAt(search: string, at: number): boolean {
    // A third of the time of `startsWith`, as long as it is found.
    return this.#reaches(at + search.length) && this.#text.indexOf(search, at - this.#base) === at - this.#base;
  }

  startsWith(search: string, at: number): boolean {
    return this.#reaches(at + search.length) && this.#text.startsWith(search, at - this.#base);
  }

  /** True when there is a reference between two positions that were reached. */
  hasReference(from: number, to: number): boolean {
    if (to > this.#plainTo || from < this.#plainFrom) {
      const at = this.#text.indexOf('&', from - this.#base);
      this.#plainFrom = from;
      this.#plainTo = this.#base + (at === -1 ? this.#text.length : at);
    }
    return this.#plainTo < to;
  }

  /** Reads an ISO 8601 time; milliseconds since 1970, undefined when it is none. */
  isoDateMs(from: number, to: number): number | undefined {
    return parseIsoDateMs(this.#text, from - this.#base, to - this.#base);
  }

  /** The characters between two positions that were reached, one for each byte. They may keep the window alive. */
  slice(from: number, to: number): string {
    return this.#text.slice(from - this.#base, to - this.#base);
  }

  /** Text between two positions as it stands. It may keep the window alive: see `compactStrings`. */
  raw(from: number, to: number): string {
    return this.#isAscii ? this.slice(from, to) : this.#bytes.toString('utf8', from, to);
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

  /** Lets the window reach as far as `end`; false beyond the document. */
  #reaches(end: number): boolean {
    if (end > this.length) return false;
    if (end - this.#base > this.#text.length) this.#widen(end);
    return true;
  }

  /** Lets the window reach as far as `end`, at least; fails beyond the document. Doubled, so that a long value costs no more than its length. */
  #widen(end: number): void {
    if (end > this.length) throw this.bad('it ends too early', end - 1);
    const wanted = Math.max(end - this.#base, this.#text.length * 2);
    this.#text = this.#bytes.toString('latin1', this.#base, Math.min(this.#base + wanted, this.length));
  }
}
