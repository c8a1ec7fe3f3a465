import type { ListedRecord, ObjectPage } from '../spi/records.js';
import type { Container } from './container.js';
import { collect, ItemIterator, PageReader } from './paging.js';
import { packToken, PageSifter, planListing, unpackToken } from './list-plan.js';
import type { ListOptions, ListPageOptions } from './options.js';
import type { Session } from './session.js';
import { StoredObject } from './stored-object.js';

/** Some objects of a container, and the folders beside them. */
export interface ListedPage {
  readonly objects: readonly StoredObject[];
  /** Common prefixes, each ending with the delimiter; empty without one. */
  readonly prefixes: readonly string[];
  /** For `pageToken`; missing after the last page. A page may be short or empty and yet not be the last. */
  readonly nextPageToken?: string | undefined;
}

/** Makes the function that reads the pages of one listing. */
export function pageSource(
  session: Session,
  container: string,
  options: ListOptions,
): (
  token: string | undefined,
  call: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined },
) => Promise<ObjectPage> {
  const { driver, caller } = session;
  const { list: facts } = driver.capabilities;
  const { request, sift } = planListing(session, 'list', options);
  const sifter = sift && new PageSifter(sift, facts.order === 'bytes');
  const limit = options.pageSize === undefined ? undefined : Math.min(options.pageSize, facts.maxLimit);
  const subject = { operation: 'list', container };
  return async (token, call) => {
    const page = await caller.run(subject, call, (ctx) => driver.list(container, { ...request, limit, token }, ctx));
    return sifter ? sifter.page(page) : page;
  };
}

/** Reads the one page that a token names. */
export async function readPage(session: Session, container: string, options: ListPageOptions): Promise<ObjectPage> {
  const { driver, caller } = session;
  const { list: facts } = driver.capabilities;
  const { request, sift } = planListing(session, 'listPage', options);
  const limit = options.limit === undefined ? undefined : Math.min(options.limit, facts.maxLimit);
  const subject = { operation: 'listPage', container };
  const read = (token: string | undefined): Promise<ObjectPage> =>
    caller.run(subject, options, (ctx) => driver.list(container, { ...request, limit, token }, ctx));
  if (!sift) return read(options.pageToken);
  const before = options.pageToken === undefined ? undefined : unpackToken(options.pageToken);
  const sifter = new PageSifter(sift, facts.order === 'bytes', before?.lastPrefix);
  const page = sifter.page(await read(before?.token));
  return { ...page, next: packToken(page.next, sifter.lastPrefix) };
}

/**
 * The objects of a container, read as they are asked for: `for await` gives objects one by one and keeps at most two pages in
 * memory; `pages()` gives whole pages with the folders beside. Each begins the listing anew. Leaving the loop ends the requests.
 */
export class ObjectListing implements AsyncIterable<StoredObject> {
  readonly #session: Session;
  readonly #container: Container;
  readonly #options: ListOptions;

  /** @internal */
  constructor(session: Session, container: Container, options: ListOptions) {
    this.#session = session;
    this.#container = container;
    this.#options = options;
    // What the store cannot list is refused here, not at the first step.
    planListing(session, 'list', options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<StoredObject> {
    return new ItemIterator(
      this.#reader(),
      (page) => page.objects,
      (record) => this.#object(record),
    );
  }

  /** Gives the listing page by page, with the prefixes that `delimiter` folds. Nothing is read ahead. */
  async *pages(): AsyncIterableIterator<ListedPage> {
    const reader = this.#reader();
    try {
      for (let page = await reader.next(); page !== undefined; page = await reader.next()) {
        yield toListedPage(page, (record) => this.#object(record));
      }
    } finally {
      reader.stop();
    }
  }

  /** Collects all objects: the memory grows with their number. */
  toArray(): Promise<StoredObject[]> {
    return collect(this);
  }

  #reader(): PageReader<ObjectPage> {
    return new PageReader(
      this.#session,
      this.#options,
      pageSource(this.#session, this.#container.name, this.#options),
      { operation: 'list', container: this.#container.name },
    );
  }

  #object(record: ListedRecord): StoredObject {
    return new StoredObject(this.#session, this.#container, record.key, { record });
  }
}

export function toListedPage(page: ObjectPage, toObject: (record: ListedRecord) => StoredObject): ListedPage {
  const { prefixes, next } = page;
  return { objects: page.objects.map(toObject), prefixes, nextPageToken: next };
}
