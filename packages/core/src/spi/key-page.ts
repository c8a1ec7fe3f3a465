import { StorageError } from '../errors/storage-error.js';
import type { ListRequest } from './requests.js';
import type { SortedKeys } from './sorted-keys.js';

/** One line of a listing: a key, or a prefix that stands for all keys that begin with it. */
export interface ListEntry {
  readonly kind: 'key' | 'prefix';
  readonly name: string;
}

export interface ListEntries {
  readonly entries: readonly ListEntry[];
  readonly next?: string | undefined;
}

/**
 * Reads one page out of sorted keys, jumping over whatever a prefix folds. `isVisible` tells which keys are there to see;
 * `maxLimit` is the largest page.
 */
export function listEntries(
  keys: SortedKeys,
  request: ListRequest,
  maxLimit: number,
  isVisible: (key: string) => boolean,
): ListEntries {
  const limit = Math.min(request.limit ?? maxLimit, maxLimit);
  const entries: ListEntry[] = [];
  for (const entry of walk(keys, firstIndex(keys, request), request, isVisible)) {
    if (entries.length === limit) return { entries, next: writeToken(entries.at(-1)) };
    entries.push(entry);
  }
  return { entries };
}

/** Goes through the keys from an index on, as far as they begin with the request's prefix. */
export function* walk(
  keys: SortedKeys,
  firstIndex: number,
  { prefix = '', delimiter }: ListRequest,
  isVisible: (key: string) => boolean,
): Generator<ListEntry> {
  let index = firstIndex;
  for (let key = keys.at(index); key?.startsWith(prefix); key = keys.at(index)) {
    const cut = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    if (!isVisible(key)) {
      index++;
    } else if (delimiter === undefined || cut < 0) {
      yield { kind: 'key', name: key };
      index++;
    } else {
      const name = key.slice(0, cut + delimiter.length);
      yield { kind: 'prefix', name };
      index = keys.firstBeyond(name);
    }
  }
}

/** Where a listing begins, or goes on. */
export function firstIndex(keys: SortedKeys, { prefix = '', startAfter, token }: ListRequest): number {
  const after = token === undefined ? undefined : readToken(token);
  if (after) return after.kind === 'key' ? keys.firstAfter(after.name) : keys.firstBeyond(after.name);
  return Math.max(keys.firstFrom(prefix), startAfter === undefined ? 0 : keys.firstAfter(startAfter));
}

/** A token says what came last, so that it stays right whatever is written or deleted between two pages. */
function writeToken(last: ListEntry | undefined): string | undefined {
  return last && Buffer.from(`${last.kind}:${last.name}`).toString('base64url');
}

function readToken(token: string): ListEntry {
  const text = Buffer.from(token, 'base64url').toString();
  for (const kind of ['key', 'prefix'] as const) {
    if (text.startsWith(`${kind}:`)) return { kind, name: text.slice(kind.length + 1) };
  }
  throw invalidToken();
}

export function invalidToken(): StorageError {
  return new StorageError('invalid-argument', 'This page token was not given out by a listing; begin without one.');
}
