import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { crash, json } from './errors.js';
import type { DataCall } from './objects.js';
import type { Quirks } from './quirks.js';
import type { StoredVersion } from './store.js';
import { httpTime, isAscii, queryPairs, unquotePlus } from './text.js';

const LOCALE = new Intl.Collator('en', { sensitivity: 'variant', ignorePunctuation: true });

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The order of the database: by a locale, which passes over punctuation, or by bytes. */
function orderOf(quirks: Quirks): (a: string, b: string) => number {
  if (!quirks.has('locale-order')) return compareBytes;
  return (a, b) => LOCALE.compare(a, b) || compareBytes(a, b);
}

interface Query {
  readonly prefix: string;
  readonly marker: string;
  readonly version: string;
  readonly delimiter: string;
  readonly limit: number;
}

function readQuery(request: EmulatedRequest, markerName: string, quirks: Quirks): Query {
  const isDoubled = quirks.has('double-decoding');
  const values = new Map(queryPairs(request.rawQuery));
  const text = (name: string): string => {
    const value = values.get(name) ?? '';
    if (!isDoubled) return value;
    if (!isAscii(value) || !isAscii(unquotePlus(value))) throw crash('UnicodeEncodeError');
    return unquotePlus(value);
  };
  const limit = values.has('max_keys') ? Number(text('max_keys')) : 1000;
  if (!Number.isInteger(limit)) throw crash('ValueError');
  const [prefix, marker] = [text('prefix'), text(markerName)];
  if (values.has(markerName) && !marker.startsWith(prefix)) throw crash('key_marker should start with prefix');
  return { prefix, marker, version: text('version_id_marker'), delimiter: text('delimiter'), limit };
}

/** SQL's LIKE with `%` behind the prefix. */
function prefixTest(prefix: string, quirks: Quirks): (key: string) => boolean {
  if (!quirks.has('prefix-wildcards')) return (key) => key.startsWith(prefix);
  const pattern = `${prefix}%`.replace(/\\([\s\S])|%|_|[\s\S]/gu, (token, escaped: string | undefined) => {
    if (escaped !== undefined) return escapeRegExp(escaped);
    if (token === '%') return '[\\s\\S]*';
    return token === '_' ? '[\\s\\S]' : escapeRegExp(token);
  });
  const regexp = new RegExp(`^${pattern}$`, 'u');
  return (key) => regexp.test(key);
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

export function listKeys(call: DataCall): EmulatedResponse {
  const { collection, request, store } = call;
  const query = readQuery(request, 'marker', store.quirks);
  const order = orderOf(store.quirks);
  const matches = prefixTest(query.prefix, store.quirks);
  const rows = [...collection.keys()]
    .filter((key) => matches(key) && (query.marker === '' || order(key, query.marker) > 0))
    .sort(order)
    .flatMap((key) => collection.current(key) ?? []);
  return page(call, rows, query);
}

/** The oldest version of each key first. */
export function listVersions(call: DataCall): EmulatedResponse {
  const { collection, request, store, identifiers } = call;
  const query = readQuery(request, 'key_marker', store.quirks);
  if ((query.marker === '') !== (query.version === '')) throw crash('version_marker should be used with key_marker');
  const after = query.version === '' ? 0 : identifiers.resolve(query.version);
  const order = orderOf(store.quirks);
  const matches = prefixTest(query.prefix, store.quirks);
  const rows = [...collection.keys()]
    .filter((key) => matches(key) && (query.marker === '' || order(key, query.marker) >= 0))
    .sort(order)
    .flatMap((key) => collection.versionsOf(key).filter(({ id }) => key !== query.marker || id > after));
  return page(call, rows, query);
}

function page({ collection, identifiers, store, nowMs }: DataCall, all: readonly StoredVersion[], query: Query) {
  const truncated = query.limit > 0 && all.length > query.limit;
  const rows = all.slice(0, query.limit);
  collection.stats(nowMs).listmatch_success += 1;
  const data = (versions: readonly StoredVersion[]): object[] =>
    versions.map(({ key, id, modifiedAtMs }) => ({
      key,
      version_identifier: identifiers.publish(id),
      timestamp: httpTime(modifiedAtMs),
    }));
  if (query.delimiter === '') return json({ key_data: data(rows), truncated });
  const isHiding = store.quirks.has('delimiter-hides-keys');
  const end = isHiding ? 1 : query.delimiter.length;
  const folded = new Set<string>();
  const left: StoredVersion[] = [];
  for (const row of rows) {
    const at = row.key.indexOf(query.delimiter, query.prefix.length);
    if (at > (isHiding ? 0 : -1)) folded.add(row.key.slice(0, at + end));
    else left.push(row);
  }
  return json({ prefixes: [...folded], ...(!isHiding && { key_data: data(left) }), truncated });
}
