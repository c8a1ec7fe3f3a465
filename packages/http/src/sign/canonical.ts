import { createHash, hash } from 'node:crypto';

/** Headers that servers and proxies on the way add, change or drop; a signature must not cover them. */
const NEVER_SIGNED: ReadonlySet<string> = new Set([
  'accept-encoding',
  'authorization',
  'connection',
  'expect',
  'from',
  'keep-alive',
  'max-forwards',
  'pragma',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-amzn-trace-id',
]);

/** White space of headers; characters stand for bytes, so that 0xA0 may be a part of UTF-8. */
const NEEDS_TRIMMING = /^[ \t\r\n]|[ \t\r\n]$|[ \t\r\n]{2}|[\t\r\n]/;
const NOT_ASCII = /[^\0-\x7f]/;

/** Header lines and names in the form that the family signs. */
export interface CanonicalHeaders {
  /** `name:value\n` for each, sorted by name. */
  readonly lines: string;
  /** Names with semicolons between. */
  readonly names: string;
}

function trimValue(value: string): string {
  return NEEDS_TRIMMING.test(value) ? value.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '') : value;
}

/** Puts headers, given as names in lower case and values in turn, into the order and form that is signed, with `host` among them. */
export function canonicalHeaders(host: string, headers: readonly string[]): CanonicalHeaders {
  const names = ['host'];
  const values = [host];
  for (let from = 0; from < headers.length; from += 2) {
    const name = headers[from] as string;
    if (NEVER_SIGNED.has(name)) continue;
    const value = trimValue(headers[from + 1] as string);
    let at = names.length;
    while (at > 0 && name < (names[at - 1] as string)) at -= 1;
    if (at > 0 && names[at - 1] === name) {
      values[at - 1] = `${values[at - 1] as string},${value}`;
    } else if (at === names.length) {
      names.push(name);
      values.push(value);
    } else {
      names.splice(at, 0, name);
      values.splice(at, 0, value);
    }
  }
  let lines = `${names[0] as string}:${values[0] as string}\n`;
  let list = names[0] as string;
  for (let at = 1; at < names.length; at += 1) {
    lines += `${names[at] as string}:${values[at] as string}\n`;
    list += `;${names[at] as string}`;
  }
  return { lines, names: list };
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Puts an escaped query, without its `?`, into the order and form that is signed: sorted, with `=` after every name. */
export function canonicalQuery(query: string): string {
  if (query === '') return '';
  if (!query.includes('&')) return query.includes('=') ? query : `${query}=`;
  return query
    .split('&')
    .map((pair): readonly [string, string] => {
      const at = pair.indexOf('=');
      return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    })
    .sort((left, right) => compareText(left[0], right[0]) || compareText(left[1], right[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Hashes text whose characters each stand for one byte, as header values do; lower-case hexadecimal. */
export function sha256OfText(text: string): string {
  if (NOT_ASCII.test(text)) return createHash('sha256').update(text, 'latin1').digest('hex');
  return hash('sha256', text, 'hex');
}

/** Hashes bytes; lower-case hexadecimal. What `x-amz-content-sha256` says of a body in memory. */
export function sha256OfBytes(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** The text whose hash is signed. `path` is escaped and is signed as it is sent: nothing is normalised. */
export function canonicalRequest(
  method: string,
  path: string,
  query: string,
  headers: CanonicalHeaders,
  contentHash: string,
): string {
  return `${method}\n${path}\n${canonicalQuery(query)}\n${headers.lines}\n${headers.names}\n${contentHash}`;
}
