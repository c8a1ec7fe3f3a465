import type { ListRequest } from '@stowage/core/spi';

/** What a listing must give: the model that every driver is compared with. Sorts by the bytes themselves. */
export function expectedListing(
  keys: Iterable<string>,
  { prefix = '', delimiter, startAfter }: ListRequest,
): { keys: string[]; prefixes: string[] } {
  const found: string[] = [];
  const prefixes = new Set<string>();
  for (const key of sortedByBytes(keys)) {
    if (!key.startsWith(prefix)) continue;
    if (startAfter !== undefined && byteOrder(key, startAfter) <= 0) continue;
    const cut = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    if (delimiter === undefined || cut < 0) found.push(key);
    else prefixes.add(key.slice(0, cut + delimiter.length));
  }
  return { keys: found, prefixes: [...prefixes] };
}

export function sortedByBytes(keys: Iterable<string>): string[] {
  return [...keys].sort(byteOrder);
}

/**
 * True when `startAfter` lies in a prefix that the delimiter folds, or is one. Stores differ in whether such a prefix appears once
 * more, and the contract leaves it open.
 */
export function startsInsidePrefix({ prefix = '', delimiter, startAfter }: ListRequest): boolean {
  if (delimiter === undefined || !startAfter?.startsWith(prefix)) return false;
  return startAfter.indexOf(delimiter, prefix.length) >= 0;
}

function byteOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
