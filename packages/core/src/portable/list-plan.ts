import { StorageError } from '../errors/storage-error.js';
import { compareBytes } from '../spi/byte-order.js';
import type { ListedRecord, ObjectPage } from '../spi/records.js';
import type { ListRequest } from '../spi/requests.js';
import type { Session } from './session.js';

/** What a caller wants listed. */
export interface ListQuery {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly startAfter?: string | undefined;
}

/** What the driver is asked, and what is left to do here. */
export interface ListPlan {
  readonly request: ListRequest;
  /** Work on each page; undefined when the store does all. */
  readonly sift: Sift | undefined;
}

interface Sift {
  readonly prefix: string;
  readonly startAfter: string | undefined;
  readonly delimiter: string | undefined;
}

/** Divides the work of a listing between store and client. Throws `unsupported` where the policy forbids the client's share. */
export function planListing(session: Session, operation: string, query: ListQuery): ListPlan {
  const facts = session.driver.capabilities.list;
  const prefix = query.prefix ?? '';
  const startAfter = query.startAfter ?? '';
  const { delimiter } = query;
  const storeFolds = facts.delimiter === 'any' || (facts.delimiter === '/' && delimiter === '/');
  const here = {
    prefix: prefix !== '' && !facts.prefix,
    startAfter: startAfter !== '' && !facts.startAfter,
    delimiter: delimiter !== undefined && !storeFolds,
  };
  const lacks = Object.entries(here).flatMap(([name, lacking]) => (lacking ? [`"${name}"`] : []));
  const request = { prefix: prefix || undefined, delimiter, startAfter: startAfter || undefined };
  if (lacks.length === 0) return { request, sift: undefined };

  const instead = 'every key is read and those that do not belong to the listing are left out here';
  session.emulation.use(operation, `listing by ${lacks.join(' and ')}`, instead);
  return {
    request: {
      prefix: here.prefix ? undefined : request.prefix,
      startAfter: here.startAfter ? undefined : request.startAfter,
      // Keys that are left out here must not have been folded into a prefix by the store.
    },
    sift: { prefix, startAfter: here.startAfter ? startAfter : undefined, delimiter },
  };
}

/** Does the client's share of a listing, page by page; a prefix that two pages share is told once. */
export class PageSifter {
  readonly #sift: Sift;
  readonly #ordered: boolean;
  readonly #told = new Set<string>();

  /** `lastPrefix` is the one that the page before ended with. */
  constructor(sift: Sift, ordered: boolean, lastPrefix?: string) {
    this.#sift = sift;
    this.#ordered = ordered;
    if (lastPrefix !== undefined) this.#told.add(lastPrefix);
  }

  /** The last prefix told: all that a later page of an ordered listing must know. */
  get lastPrefix(): string | undefined {
    return [...this.#told].at(-1);
  }

  page(page: ObjectPage): ObjectPage {
    const { prefix, startAfter, delimiter } = this.#sift;
    const objects: ListedRecord[] = [];
    const prefixes: string[] = [];
    for (const record of page.objects) {
      const { key } = record;
      if (!key.startsWith(prefix)) continue;
      if (startAfter !== undefined && compareBytes(key, startAfter) <= 0) continue;
      const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      if (end < 0) objects.push(record);
      else this.#fold(key.slice(0, end + (delimiter as string).length), prefixes);
    }
    for (const folded of page.prefixes) if (folded.startsWith(prefix)) this.#fold(folded, prefixes);
    return { objects, prefixes, next: page.next };
  }

  #fold(folded: string, prefixes: string[]): void {
    if (this.#told.has(folded)) return;
    // In byte order a prefix never comes back: one to remember is enough.
    if (this.#ordered) this.#told.clear();
    this.#told.add(folded);
    prefixes.push(folded);
  }
}

const FOLDING_TOKEN = 'stowage-fold:';

/** Packs what the next page must know into its token. */
export function packToken(next: string | undefined, lastPrefix: string | undefined): string | undefined {
  if (next === undefined) return undefined;
  return FOLDING_TOKEN + Buffer.from(JSON.stringify([next, lastPrefix ?? null])).toString('base64url');
}

/** Throws `invalid-argument` for a token that another listing gave. */
export function unpackToken(token: string): { readonly token: string; readonly lastPrefix: string | undefined } {
  try {
    if (!token.startsWith(FOLDING_TOKEN)) throw new TypeError('The token lacks its mark.');
    const packed = Buffer.from(token.slice(FOLDING_TOKEN.length), 'base64url').toString();
    const [inner, lastPrefix] = JSON.parse(packed) as [unknown, unknown];
    if (typeof inner !== 'string') throw new TypeError('The token holds no token of the store.');
    return { token: inner, lastPrefix: typeof lastPrefix === 'string' ? lastPrefix : undefined };
  } catch (cause) {
    const message = 'This page token is not one of this listing; begin again without "pageToken".';
    throw new StorageError('invalid-argument', message, { cause });
  }
}
