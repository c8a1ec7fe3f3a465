import { isOwner, OWNER_HEADERS } from './authorize.js';
import type { Call } from './call.js';
import { SwiftError } from './errors.js';

export const METADATA_LIMITS = { nameBytes: 128, valueBytes: 256, count: 90, overallBytes: 4096, headerBytes: 8192 };

/** Refuses metadata headers that are too long or too many. */
export function checkMetadata(
  headers: Readonly<Record<string, string>>,
  kind: 'account' | 'container' | 'object',
): void {
  const prefix = `x-${kind}-meta-`;
  const { nameBytes, valueBytes, count, overallBytes, headerBytes } = METADATA_LIMITS;
  const long = Object.entries(headers).find(([, value]) => value.length > headerBytes);
  if (long) throw new SwiftError(400, `Header value too long: ${titleCase(long[0]).slice(0, nameBytes)}`);
  const items = Object.entries(headers)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => ({ name: name.slice(prefix.length), value }));
  for (const { name, value } of items) {
    if (name === '') throw new SwiftError(400, 'Metadata name cannot be empty');
    if (name.length > nameBytes) throw new SwiftError(400, `Metadata name too long: ${prefix}${titleCase(name)}`);
    if (value.length > valueBytes) {
      const shown = `Metadata value longer than ${String(valueBytes)}: ${prefix}${titleCase(name)}`;
      throw new SwiftError(400, shown);
    }
  }
  checkTotals(items, { count, overallBytes });
}

function checkTotals(
  items: readonly { readonly name: string; readonly value: string }[],
  { count, overallBytes }: { readonly count: number; readonly overallBytes: number },
): void {
  if (items.length > count) throw new SwiftError(400, `Too many metadata items; max ${String(count)}`);
  const total = items.reduce((size, { name, value }) => size + name.length + value.length, 0);
  if (total > overallBytes) throw new SwiftError(400, `Total metadata too large; max ${String(overallBytes)}`);
}

/** Such as `X-Object-Meta-Colour`: how Swift spells header names. */
export function titleCase(name: string): string {
  return name.replaceAll(/[a-z]+/g, (word) => word.charAt(0).toUpperCase() + word.slice(1));
}

/** Merges a request's metadata into what an account or a container has: an empty value removes an item, as `X-Remove-` does. */
export function mergeMetadata(stored: Map<string, string>, call: Call, kept: (name: string) => boolean): void {
  const changes = Object.entries(call.headers).flatMap(([name, value]): [string, string][] => {
    const removed = /^x-remove-(.+)$/.exec(name)?.[1];
    if (removed !== undefined && kept(`x-${removed}`)) return [[`x-${removed}`, '']];
    return kept(name) ? [[name, value]] : [];
  });
  const mayChange = changes.filter(([name]) => isOwner(call) || !OWNER_HEADERS.has(name));
  const merged = new Map([...stored, ...mayChange]);
  checkTotalOf(merged);
  for (const [name, value] of mayChange) {
    if (value === '') stored.delete(name);
    else stored.set(name, value);
  }
}

function checkTotalOf(merged: ReadonlyMap<string, string>): void {
  const items = [...merged]
    .filter(([name, value]) => value !== '' && /^x-(account|container)-meta-/.test(name))
    .map(([name, value]) => ({ name: name.replace(/^x-(account|container)-meta-/, ''), value }));
  checkTotals(items, METADATA_LIMITS);
}

/** What a caller may see of an account's or a container's headers. */
export function shownHeaders(stored: ReadonlyMap<string, string>, call: Call): Record<string, string> {
  const isShown = ([name]: readonly [string, string]): boolean => isOwner(call) || !OWNER_HEADERS.has(name);
  return Object.fromEntries([...stored].filter(isShown));
}
