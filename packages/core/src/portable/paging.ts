import type { CallOptions, CallSubject, SharedCall } from '../call/caller.js';
import { StorageError } from '../errors/storage-error.js';
import type { Session } from './session.js';

/** Any page of any listing: a missing `next` is its only end. */
export interface Page {
  readonly next?: string | undefined;
}

/** Asks for one page; the first has no token. */
export type FetchPage<P extends Page> = (token: string | undefined, options: CallOptions) => Promise<P>;

/** Finds that tokens go round in a circle of any length, without keeping them all (Brent's method). */
class TokenWatch {
  #kept: string | undefined;
  #seen = 0;
  #limit = 1;

  repeats(token: string): boolean {
    if (token === this.#kept) return true;
    if (++this.#seen === this.#limit) {
      this.#kept = token;
      this.#limit *= 2;
      this.#seen = 0;
    }
    return false;
  }
}

/** Reads the pages of one listing in order. It is the only loop over page tokens in Stowage. */
export class PageReader<P extends Page> {
  readonly #session: Session;
  readonly #fetch: FetchPage<P>;
  readonly #options: CallOptions;
  readonly #shared: SharedCall;
  readonly #subject: CallSubject;
  readonly #watch = new TokenWatch();
  #token: string | undefined;
  #ahead: Promise<P> | undefined;
  #ended = false;

  /** `options.timeoutMs` is the time for each page. */
  constructor(session: Session, options: CallOptions, fetch: FetchPage<P>, subject: CallSubject) {
    this.#subject = subject;
    this.#session = session;
    this.#fetch = fetch;
    this.#shared = session.caller.share({ signal: options.signal });
    this.#options = { signal: this.#shared.signal, timeoutMs: options.timeoutMs };
  }

  /** Begins to read the next page, so that it is there when it is asked for. */
  readAhead(): void {
    if (this.#ended || this.#ahead) return;
    this.#ahead = this.#fetch(this.#token, this.#options);
    // Whoever asks for the page sees the error.
    this.#ahead.catch(() => undefined);
  }

  /** Gives the next page; undefined after the last. */
  async next(): Promise<P | undefined> {
    if (this.#ended) return undefined;
    try {
      const page = await (this.#ahead ?? this.#fetch(this.#token, this.#options));
      this.#ahead = undefined;
      if (page.next === undefined) this.stop();
      else if (this.#watch.repeats(page.next)) throw repeatedToken(this.#session, page.next);
      this.#token = page.next;
      return page;
    } catch (error) {
      this.stop();
      throw this.#session.caller.dress(error, this.#subject);
    }
  }

  /** Ends the listing and any request of it that is under way. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#ahead) this.#shared.abort(new Error('The listing was left.'));
    this.#shared.end();
  }
}

function repeatedToken({ provider }: Session, token: string): StorageError {
  const message = `${provider} repeated page token "${token.slice(0, 80)}": the listing would never end. Report it to the driver's authors.`;
  return new StorageError('unknown', message, { retryable: false });
}

/** Gives the items of a listing one by one, and reads the next page when half of one was taken. */
export class ItemIterator<P extends Page, R, T> implements AsyncIterableIterator<T> {
  readonly #reader: PageReader<P>;
  readonly #itemsOf: (page: P) => readonly R[];
  readonly #make: (item: R) => T;
  #items: readonly R[] = [];
  #index = 0;
  #readAheadAt = 0;
  #ended = false;
  #queue: Promise<IteratorResult<T, undefined>> | undefined;

  constructor(reader: PageReader<P>, itemsOf: (page: P) => readonly R[], make: (item: R) => T) {
    this.#reader = reader;
    this.#itemsOf = itemsOf;
    this.#make = make;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#queue === undefined && this.#index < this.#items.length) return Promise.resolve(this.#take());
    const turn = (this.#queue ?? Promise.resolve()).then(
      () => this.#advance(),
      () => this.#advance(),
    );
    this.#queue = turn;
    const done = (): void => {
      if (this.#queue === turn) this.#queue = undefined;
    };
    turn.then(done, done);
    return turn;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): IteratorResult<T, undefined> {
    if (this.#index === this.#readAheadAt) this.#reader.readAhead();
    return { value: this.#make(this.#items[this.#index++] as R), done: false };
  }

  async #advance(): Promise<IteratorResult<T, undefined>> {
    try {
      while (!this.#ended && this.#index >= this.#items.length) {
        const page = await this.#reader.next();
        if (page === undefined) this.#end();
        else this.#open(this.#itemsOf(page));
      }
    } catch (error) {
      this.#end();
      throw error;
    }
    return this.#ended ? { value: undefined, done: true } : this.#take();
  }

  #open(items: readonly R[]): void {
    this.#items = items;
    this.#index = 0;
    this.#readAheadAt = items.length >> 1;
  }

  #end(): void {
    this.#ended = true;
    this.#open([]);
    this.#reader.stop();
  }
}

/** Collects everything that an iterator gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
