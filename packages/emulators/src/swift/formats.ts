import { Bytes } from './bytes.js';
import type { Answer, Call } from './call.js';
import { SwiftError } from './errors.js';

/** A row of a listing: `name` or `subdir`, and facts. */
export type Row = Readonly<Record<string, string | number | boolean>>;

const FORMATS: Readonly<Record<string, string>> = {
  plain: 'text/plain',
  json: 'application/json',
  xml: 'application/xml',
};

/** The media type of a listing, by `format=` or else by `Accept`. Throws 406. */
export function listingType({ query, headers }: Call): string {
  const format = query.get('format');
  if (format !== undefined && format !== '') return FORMATS[format.toLowerCase()] ?? 'text/plain';
  return bestMatch(headers['accept'], ['text/plain', 'application/json', 'application/xml', 'text/xml']);
}

/** The first of the offers that an `Accept` header likes best. Throws 406 when it takes none. */
export function bestMatch(accept: string | undefined, offers: readonly string[]): string {
  const wanted = (accept ?? '')
    .split(',')
    .map((entry) => entry.split(';').map((part) => part.trim()))
    .filter(([type]) => type !== undefined && type !== '')
    .map(([type = '', ...rest]) => ({ type, weight: weightOf(rest) }))
    .filter(({ weight }) => weight > 0)
    .sort((left, right) => right.weight - left.weight);
  if (wanted.length === 0) return offers[0] as string;
  for (const { type } of wanted) {
    const found = offers.find((offer) => isWithin(offer, type));
    if (found !== undefined) return found;
  }
  throw new SwiftError(406);
}

function weightOf(parameters: readonly string[]): number {
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return quality === undefined ? 1 : Number(quality.slice(2));
}

function isWithin(type: string, range: string): boolean {
  return range === '*' || range === '*/*' || range === type || range === `${type.split('/')[0] ?? ''}/*`;
}

/** https://docs.openstack.org/api-ref/object-store/ : listings of accounts and containers. */
export function listingAnswer(
  call: Call,
  listing: { readonly rows: readonly Row[]; readonly headers: Readonly<Record<string, string>> },
): Answer {
  const type = listingType(call);
  const vary: Record<string, string> = call.query.has('format') ? {} : { vary: 'Accept' };
  const headers = { ...listing.headers, ...vary, 'content-type': `${type}; charset=utf-8` };
  if (call.method === 'HEAD') return { status: 204, headers, body: Bytes.empty };
  const body = Bytes.of(render(call, type, listing.rows));
  return { status: body.size === 0 ? 204 : 200, headers, body };
}

function render(call: Call, type: string, rows: readonly Row[]): string {
  if (type === 'application/json') return toJson(rows);
  if (type.endsWith('/xml')) return toXml(call, rows);
  return rows.map((row) => `${String(row['name'] ?? row['subdir'])}\n`).join('');
}

/** JSON as Python writes it: ASCII only, with a space behind separators. */
export function toJson(value: unknown): string {
  return spaced(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => spaced(item)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${spaced(field)}`);
  return `{${fields.join(', ')}}`;
}

const OBJECT_FIELDS = ['name', 'hash', 'bytes', 'content_type', 'last_modified'];
const CONTAINER_FIELDS = ['name', 'count', 'bytes', 'last_modified'];

function toXml({ account, container }: Call, rows: readonly Row[]): string {
  const isAccount = container === undefined;
  const [root, item, fields] = isAccount
    ? ['account', 'container', CONTAINER_FIELDS]
    : (['container', 'object', OBJECT_FIELDS] as const);
  const lines = rows.map((row) => {
    if (row['subdir'] !== undefined) {
      const name = escapeXml(String(row['subdir']));
      return isAccount ? `<subdir name="${name}" />` : `<subdir name="${name}"><name>${name}</name></subdir>`;
    }
    return `<${item}>${fields.map((field) => `<${field}>${escapeXml(String(row[field]))}</${field}>`).join('')}</${item}>`;
  });
  const name = escapeXml(container ?? account);
  const inner = isAccount ? `\n${lines.map((line) => `${line}\n`).join('')}` : lines.join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} name="${name}">${inner}</${root}>`;
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
