import { parseIsoDateMs } from '../dates.js';
import { XmlSource } from './source.js';
import { Words } from './words.js';

/** Elements inside elements, at most. */
const MAX_DEPTH = 32;

const SPACE = 0x20;
const BANG = 0x21;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const ZERO = 0x30;
const COLON = 0x3a;
const LESS = 0x3c;
const GREATER = 0x3e;
const QUESTION = 0x3f;
const LETTER_Q = 0x71;

function isBlank(code: number): boolean {
  return code === SPACE || (code >= 0x09 && code <= 0x0d);
}

/**
 * Reads XML from front to back, element by element. It knows elements, text, CDATA, the five entities and numeric references;
 * attributes and namespaces are passed over, names are local names. There is no DTD: a document that brings one is refused, so
 * that nothing in it can grow. Every method throws `unknown` for what is not well-formed.
 */
export class XmlReader {
  readonly #source: XmlSource;
  readonly #open: string[] = [];
  readonly #words: Words;
  #at: number;
  /** The element just opened is `<so/>`. */
  #isEmpty = false;
  /** See `follow`. */
  #isFollowing = false;
  /** The bounds of the last plain text. */
  #from = 0;
  #to = 0;
  #valueEnd = 0;

  /** `what` names the document in errors, such as "the listing". */
  constructor(bytes: Buffer, what: string) {
    this.#source = new XmlSource(bytes, what);
    this.#words = new Words(this.#source);
    this.#at = this.#source.start;
  }

  /** Opens the root element and gives its name. */
  root(): string {
    this.#skipToTag(false);
    const name = this.#openTag();
    if (name === undefined) throw this.bad('it has no root element');
    return name;
  }

  /** Opens the next child of the innermost open element and gives its name; undefined closes that element instead. */
  child(): string | undefined {
    if (this.#isEmpty) {
      this.#close();
      return undefined;
    }
    this.#source.moveTo(this.#at);
    this.#skipToTag(false);
    return this.#openTag();
  }

  /** Reads and closes the innermost open element, which must hold text alone. */
  text(): string {
    const text = this.textBeforeTag();
    this.#closeText();
    return text;
  }

  /** As `text`, for values that come again and again: the same string each time. */
  word(): string {
    if (!this.#plainText()) return this.text();
    const word = this.#words.at(this.#from, this.#to);
    this.#closeText();
    return word;
  }

  /** As `text`, for text that may stand in quotes, as an ETag does; gives it without them. */
  unquoted(): string {
    const source = this.#source;
    const from = this.#at;
    const quote = source.code(from + 1) === LETTER_Q ? '&quot;' : '&#34;';
    if (!this.#isEmpty && source.startsWith(quote, from)) {
      const end = source.indexOf('<', from);
      const to = end - quote.length;
      if (!source.hasReference(from + 1, to) && source.startsWith(quote, to)) {
        this.#at = end;
        this.#closeText();
        return source.raw(from + quote.length, to);
      }
    }
    const whole = this.text();
    return /^".*"$/s.test(whole) ? whole.slice(1, -1) : whole;
  }

  /** Reads and closes an element that holds a whole number, at least 0. */
  integer(): number {
    const isPlain = this.#plainText();
    let value = 0;
    for (let at = this.#from; isPlain && at < this.#to; at += 1) {
      const digit = this.#source.code(at) - ZERO;
      value = digit >= 0 && digit <= 9 ? value * 10 + digit : NaN;
    }
    if (!isPlain || this.#from === this.#to || !Number.isSafeInteger(value)) throw this.bad('a number is not one');
    this.#closeText();
    return value;
  }

  /** Reads and closes an element that holds an ISO 8601 time; milliseconds since 1970, undefined when it is none. */
  time(): number | undefined {
    if (!this.#plainText()) return parseIsoDateMs(this.text());
    const timeMs = this.#source.isoDateMs(this.#from, this.#to);
    this.#closeText();
    return timeMs;
  }

  /** Reads and closes an element that holds `true` or something else. */
  flag(): boolean {
    return this.word().toLowerCase() === 'true';
  }

  /** Closes the innermost open element with all that it holds. */
  skip(): void {
    const depth = this.#open.length;
    while (this.#open.length >= depth) this.child();
  }

  /** Ends the document: nothing but blanks and comments may follow the root. */
  end(): void {
    if (this.#open.length > 0) throw this.bad('it ends inside an element');
    if (this.#skipToTag(true)) throw this.bad('something follows its root element');
  }

  /** Reads the text up to the next tag; nothing is closed. */
  textBeforeTag(): string {
    if (this.#plainText()) return this.#source.raw(this.#from, this.#to);
    const source = this.#source;
    let text = '';
    for (;;) {
      const end = source.indexOf('<', this.#at);
      text += source.decode(this.#at, end);
      this.#at = end;
      if (source.code(end + 1) !== BANG) return text;
      if (source.startsWith('<![CDATA[', end)) {
        const close = source.indexOf(']]>', end + 9);
        text += source.raw(end + 9, close);
        this.#at = close + 3;
      } else {
        this.#skipMarkup();
      }
    }
  }

  /** Where the reader stands: behind the last thing that it read. */
  get position(): number {
    return this.#at;
  }

  /** Where the last value ended: before its end tag. */
  get valueEnd(): number {
    return this.#valueEnd;
  }

  /** The markup between two positions. */
  markup(from: number, to: number): string {
    return this.#source.copy(from, to);
  }

  /**
   * Begins to follow a row whose markup is known: values then do not close their elements, for `follow` does. False when the
   * innermost open element is `<so/>`.
   */
  beginFollowing(): boolean {
    this.#isFollowing = !this.#isEmpty;
    return this.#isFollowing;
  }

  /**
   * Passes exactly this markup, which was found well-formed before; false, and nothing is passed, when it does not stand there.
   * A false takes a long search, so that callers must not go on for ever.
   */
  follow(markup: string): boolean {
    if (!this.#source.isAt(markup, this.#at)) return false;
    this.#at += markup.length;
    return true;
  }

  /** Ends to follow: the element in which it began is closed, or else, given its position, to be read from there. */
  endFollowing(backTo: number | undefined): void {
    this.#isFollowing = false;
    if (backTo === undefined) this.#close();
    else this.#at = backTo;
  }

  bad(why: string): Error {
    return this.#source.bad(why, this.#at);
  }

  /** Finds text without references, comments or CDATA up to the next tag; false when it is not that simple. */
  #plainText(): boolean {
    const from = this.#at;
    this.#from = from;
    this.#to = from;
    if (this.#isEmpty) return true;
    const source = this.#source;
    const to = source.indexOf('<', from);
    if (source.code(to + 1) === BANG || source.hasReference(from, to)) return false;
    this.#to = to;
    this.#at = to;
    return true;
  }

  #closeText(): void {
    this.#valueEnd = this.#at;
    if (this.#isFollowing) return;
    if (this.#isEmpty) this.#close();
    else if (this.#source.code(this.#at + 1) === SLASH) this.#closeTag();
    else throw this.bad(`<${this.#open.at(-1) ?? ''}> holds elements where text belongs`);
  }

  /**
   * Goes to the next start or end tag, past comments. Text between elements means nothing in the documents that are read; outside
   * the root there must be none. At the end of the document: false where the end is due.
   */
  #skipToTag(isEndDue: boolean): boolean {
    const source = this.#source;
    for (;;) {
      const tag = source.find('<', this.#at);
      if (this.#open.length === 0) this.#onlyBlanks(this.#at, tag === -1 ? source.length : tag);
      if (tag === -1) {
        if (isEndDue) return false;
        throw this.bad('it ends too early');
      }
      this.#at = tag;
      const next = source.code(tag + 1);
      if (next !== BANG && next !== QUESTION) return true;
      this.#skipMarkup();
    }
  }

  #onlyBlanks(from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      if (!isBlank(this.#source.code(at))) throw this.bad('there is text outside its root element');
    }
  }

  /** Passes a comment, a processing instruction or, inside elements, CDATA. */
  #skipMarkup(): void {
    const source = this.#source;
    const at = this.#at;
    if (source.startsWith('<!--', at)) this.#at = source.indexOf('-->', at + 4) + 3;
    else if (source.startsWith('<?', at)) this.#at = source.indexOf('?>', at + 2) + 2;
    else if (this.#open.length > 0 && source.startsWith('<![CDATA[', at)) this.#at = source.indexOf(']]>', at + 9) + 3;
    else throw this.bad('it holds a document type or other declarations, which are not read');
  }

  /** Reads the tag at `#at`: a start tag opens and is named, an end tag closes and is undefined. */
  #openTag(): string | undefined {
    const source = this.#source;
    const from = this.#at + 1;
    let code = source.code(from);
    if (code === SLASH) {
      this.#closeTag();
      return undefined;
    }
    let localFrom = from;
    let at = from;
    while (code > SPACE && code !== GREATER && code !== SLASH && code !== LESS) {
      at += 1;
      if (code === COLON) localFrom = at;
      code = source.code(at);
    }
    if (at === localFrom) throw this.bad('a tag has no name');
    const name = source.slice(localFrom, at);
    this.#open.push(localFrom === from ? name : source.slice(from, at));
    if (this.#open.length > MAX_DEPTH) throw this.bad(`it is more than ${MAX_DEPTH} elements deep`);
    this.#at = code === GREATER ? at + 1 : this.#skipAttributes(at);
    return name;
  }

  /** Passes what follows a name in a start tag; notes whether the tag closes itself. */
  #skipAttributes(from: number): number {
    const source = this.#source;
    let at = from;
    for (let code = source.code(at); code !== GREATER; code = source.code(at)) {
      if (code === LESS) throw this.bad('a tag does not end');
      const isQuoted = code === QUOTE || code === APOSTROPHE;
      at = isQuoted ? source.indexOf(code === QUOTE ? '"' : "'", at + 1) + 1 : at + 1;
    }
    this.#isEmpty = source.code(at - 1) === SLASH;
    return at + 1;
  }

  /** Reads the end tag at `#at`, which must be that of the innermost open element. */
  #closeTag(): void {
    const source = this.#source;
    const name = this.#open[this.#open.length - 1];
    let at = this.#at + 2 + (name?.length ?? 0);
    const isOurs = name !== undefined && source.startsWith(name, this.#at + 2);
    while (isOurs && isBlank(source.code(at))) at += 1;
    if (!isOurs || source.code(at) !== GREATER) throw this.bad('an end tag closes what is not open');
    this.#at = at + 1;
    this.#close();
  }

  #close(): void {
    this.#open.pop();
    this.#isEmpty = false;
  }
}
