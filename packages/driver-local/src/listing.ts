import { type ListRequest, type ObjectPage, type ObjectRecord, StorageError } from '@stowage/core/spi';
import { lookAt } from './calls.js';
import { holdsObject } from './entries.js';
import { toListed } from './facts.js';
import type { LocalStore } from './store.js';
import { type Position, type Step, Walk } from './walk.js';

export const MAX_PAGE = 1000;
/** Listings that wait for their next page, with the directories that they have read. A listing that was put out reads them again. */
const MOST_WAITING = 8;
const MOST_WAIT_MS = 60_000;
const STATS_AT_ONCE = 64;

interface Waiting {
  readonly walk: Walk;
  readonly sinceMs: number;
}

/** Lists objects in byte order, page by page. */
export class Listings {
  readonly #store: LocalStore;
  readonly #waiting = new Map<string, Waiting>();

  constructor(store: LocalStore) {
    this.#store = store;
  }

  /** Throws `container-not-found`, and `invalid-argument` for a token that is none. */
  async page(container: string, request: ListRequest): Promise<ObjectPage> {
    (await this.#store.openContainer(container)).close();
    const walk = this.#resume(container, request);
    const limit = Math.min(request.limit ?? MAX_PAGE, MAX_PAGE);
    const { steps, prefixes, isDone } = await this.#collect(container, walk, request, limit);
    const objects = await this.#stat(container, steps);
    if (isDone) return { objects, prefixes };
    return { objects, prefixes, next: this.#wait(container, walk) };
  }

  async #collect(
    container: string,
    walk: Walk,
    { prefix = '', delimiter }: ListRequest,
    limit: number,
  ): Promise<{ readonly steps: Step[]; readonly prefixes: string[]; readonly isDone: boolean }> {
    const steps: Step[] = [];
    const prefixes: string[] = [];
    while (steps.length + prefixes.length < limit) {
      const step = await walk.next();
      if (!step) return { steps, prefixes, isDone: true };
      if (step.isDirectory) {
        if (delimiter !== '/' || step.key.length <= prefix.length || walk.isPartlyDone(step.key)) {
          await walk.enter(step);
          continue;
        }
        if (await holdsObject(this.#store, container, step.names)) prefixes.push(step.key);
        walk.skip(step.key);
        continue;
      }
      const folded = delimiter === undefined ? undefined : foldedPrefix(step.key, prefix, delimiter);
      if (folded === undefined) steps.push(step);
      else {
        prefixes.push(folded);
        walk.skip(folded);
      }
    }
    return { steps, prefixes, isDone: walk.isDone() };
  }

  /** Looks at the files of a page. One that was deleted since its directory was read is left out. */
  async #stat(container: string, steps: readonly Step[]): Promise<ObjectRecord[]> {
    const objects: ObjectRecord[] = [];
    for (let start = 0; start < steps.length;) {
      const folder = folderOf(steps[start] as Step);
      let end = start + 1;
      while (end < steps.length && end - start < STATS_AT_ONCE && folderOf(steps[end] as Step) === folder) end++;
      objects.push(...(await this.#statTogether(container, steps.slice(start, end))));
      start = end;
    }
    return objects;
  }

  /** Looks at files of one directory. */
  async #statTogether(container: string, steps: readonly Step[]): Promise<ObjectRecord[]> {
    const [first] = steps;
    if (!first) return [];
    const directory = await this.#store.tree.openDirectory(container, first.names.slice(0, -1));
    if ('kind' in directory) return [];
    try {
      const stats = await Promise.all(steps.map(({ names }) => lookAt(directory.at(names.at(-1)))));
      return steps.flatMap(({ key }, index) => {
        const found = stats[index];
        return found?.isFile() ? [toListed(key, found)] : [];
      });
    } finally {
      directory.close();
    }
  }

  /** Takes the walk that waits for this token, or makes one that begins where it stands. */
  #resume(container: string, { prefix = '', startAfter, token }: ListRequest): Walk {
    const start = startAfter === undefined ? undefined : { key: startAfter, whole: false };
    if (token === undefined) return new Walk(this.#store, container, prefix, start);
    const { id, position } = parseToken(token);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting && isSamePosition(waiting.walk.position, position)) return waiting.walk;
    return new Walk(this.#store, container, prefix, position ?? start);
  }

  /** Lets a walk wait for its next page; gives the token of that page. */
  #wait(container: string, walk: Walk): string {
    const nowMs = this.#store.host.nowMs();
    for (const [id, { sinceMs }] of this.#waiting) {
      if (this.#waiting.size >= MOST_WAITING || nowMs - sinceMs > MOST_WAIT_MS) this.#waiting.delete(id);
    }
    const id = this.#store.host.randomBytes(9).toString('base64url');
    this.#waiting.set(id, { walk, sinceMs: nowMs });
    const { key = '', whole = false } = walk.position ?? {};
    return Buffer.from(JSON.stringify([id, key, whole])).toString('base64url');
  }
}

const folderOf = ({ names }: Step): string => names.slice(0, -1).join('/');

/** The beginning of a key up to the first delimiter after the prefix. */
function foldedPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  const index = key.indexOf(delimiter, prefix.length);
  return index < 0 ? undefined : key.slice(0, index + delimiter.length);
}

function isSamePosition(a: Position | undefined, b: Position | undefined): boolean {
  return a?.key === b?.key && a?.whole === b?.whole;
}

function parseToken(token: string): { readonly id: string; readonly position: Position | undefined } {
  try {
    const [id, key, whole] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    if (typeof id === 'string' && typeof key === 'string' && typeof whole === 'boolean') {
      return { id, position: { key, whole } };
    }
  } catch {
    // Falls through to the one sentence for all that is no token.
  }
  throw new StorageError(
    'invalid-argument',
    'This is no token of a listing of the local driver; begin the listing anew.',
  );
}
