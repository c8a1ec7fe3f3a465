import { listEntries } from './key-page.js';
import type { ListedRecord, ObjectPage } from './records.js';
import type { ListRequest } from './requests.js';
import { SortedKeys } from './sorted-keys.js';

/**
 * Cuts a page out of all objects of a container, for stores that give them at once, in any order: it heeds `prefix`, `startAfter`, any
 * `delimiter` and `limit`, so that a driver may declare all of them, and `order: 'bytes'`. The token says what came last, and stays right
 * whatever is written between two pages. Each page goes through all objects again. Throws `invalid-argument` for a token of another kind.
 *
 * @param maxLimit - the largest page: `capabilities.list.maxLimit`
 */
export function pageOfObjects<T extends ListedRecord>(
  all: Iterable<T>,
  request: ListRequest,
  maxLimit: number,
): ObjectPage & { readonly objects: readonly T[] } {
  const records = new Map<string, T>();
  for (const record of all) records.set(record.key, record);
  const { entries, next } = listEntries(new SortedKeys(records.keys()), request, maxLimit, () => true);
  const objects: T[] = [];
  const prefixes: string[] = [];
  for (const { kind, name } of entries) {
    if (kind === 'prefix') prefixes.push(name);
    else objects.push(records.get(name) as T);
  }
  return { objects, prefixes, next };
}
