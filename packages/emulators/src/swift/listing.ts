import type { Call } from './call.js';
import { isTrue } from './call.js';
import { htmlError } from './errors.js';
import { compareBytes } from './store.js';

export interface ListingQuery {
  readonly limit: number;
  readonly marker: string;
  readonly endMarker: string;
  readonly prefix: string;
  readonly delimiter: string;
  /** The legacy way to list one level: a prefix that ends with `/`, or the top. */
  readonly path: string | undefined;
  readonly isReverse: boolean;
}

export function listingQuery({ query, site }: Call): ListingQuery {
  const path = query.get('path');
  const text = (name: string): string => query.get(name) ?? '';
  return {
    limit: limitOf(query.get('limit'), site.limits.maxListing),
    marker: text('marker'),
    endMarker: text('end_marker'),
    prefix: path === undefined ? text('prefix') : path === '' ? '' : `${path.replace(/\/+$/, '')}/`,
    delimiter: path === undefined ? text('delimiter') : '/',
    path,
    isReverse: isTrue(query.get('reverse')),
  };
}

function limitOf(given: string | undefined, max: number): number {
  if (given === undefined || !/^\d+$/.test(given)) return max;
  if (Number(given) > max) throw htmlError(412, `Maximum limit is ${String(max)}`);
  return Number(given);
}

export type Entry = { readonly name: string } | { readonly subdir: string };

/** Names of one page, subdirectories among them, in the order in which they are told. `names` are sorted by bytes. */
export function listNames(names: readonly string[], query: ListingQuery): readonly Entry[] {
  const window = windowOf(names, query);
  const entries: Entry[] = [];
  while (entries.length < query.limit && window.from < window.to) {
    const name = names[query.isReverse ? window.to - 1 : window.from] as string;
    const subdir = subdirOf(name, query);
    if (subdir === undefined) {
      if (name !== query.prefix || query.path === undefined) entries.push({ name });
      if (query.isReverse) window.to -= 1;
      else window.from += 1;
    } else {
      if (query.path === undefined && subdir !== query.marker) entries.push({ subdir });
      if (query.isReverse) window.to = lowerBound(names, subdir);
      else window.from = behind(names, subdir);
    }
  }
  return entries;
}

/** Indices of the names that prefix and markers let through. */
function windowOf(names: readonly string[], query: ListingQuery): { from: number; to: number } {
  const { isReverse, prefix, marker, endMarker } = query;
  const [low, high] = isReverse ? [endMarker, marker] : [marker, endMarker];
  const from = low === '' ? 0 : upperBound(names, low);
  const to = high === '' ? names.length : lowerBound(names, high);
  if (prefix === '') return { from, to };
  return { from: Math.max(from, lowerBound(names, prefix)), to: Math.min(to, behind(names, prefix)) };
}

/** The directory, told by its name with the delimiter, in which a name is folded; undefined for a row of its own. */
function subdirOf(name: string, { delimiter, prefix, path }: ListingQuery): string | undefined {
  const at = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
  if (at < 0) return undefined;
  const end = at + delimiter.length;
  return path !== undefined && name.length === end ? undefined : name.slice(0, end);
}

/** The first index behind all names that begin with `start`. */
function behind(names: readonly string[], start: string): number {
  const bytes = Buffer.from(start);
  const beginning = (name: string): Buffer => Buffer.from(name).subarray(0, bytes.length);
  return search(names, (name) => Buffer.compare(beginning(name), bytes) <= 0);
}

/** The first index whose name is not below `bound`. */
function lowerBound(names: readonly string[], bound: string): number {
  return search(names, (name) => compareBytes(name, bound) < 0);
}

/** The first index whose name is above `bound`. */
function upperBound(names: readonly string[], bound: string): number {
  return search(names, (name) => compareBytes(name, bound) <= 0);
}

function search(names: readonly string[], isBefore: (name: string) => boolean): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(names[middle] as string)) low = middle + 1;
    else high = middle;
  }
  return low;
}
