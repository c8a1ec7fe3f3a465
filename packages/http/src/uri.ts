import { StorageError } from '@stowage/core/spi';

const UNRESERVED = /^[A-Za-z0-9_.~-]*$/;
const UNRESERVED_OR_SLASH = /^[A-Za-z0-9_.~/-]*$/;
/** What `encodeURIComponent` leaves and RFC 3986 reserves. */
const RESERVED_LEFT = /[!'()*]/g;
const ESCAPED_SLASH = /%2F/g;

function escapeReserved(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function escapeText(text: string): string {
  try {
    return encodeURIComponent(text).replace(RESERVED_LEFT, escapeReserved);
  } catch (cause) {
    throw new StorageError(
      'invalid-argument',
      `${JSON.stringify(text)} holds half of a surrogate pair, which has no UTF-8 form.`,
      {
        cause,
      },
    );
  }
}

/** Escapes everything but RFC 3986's unreserved characters, also the slash. Throws `invalid-argument` for lone surrogates. */
export function escapeUri(text: string): string {
  return UNRESERVED.test(text) ? text : escapeText(text);
}

/** As `escapeUri`, but keeps slashes. Nothing is normalised: `//`, `.` and `..` stay as they are. */
export function escapePath(path: string): string {
  return UNRESERVED_OR_SLASH.test(path) ? path : escapeText(path).replace(ESCAPED_SLASH, '/');
}

/**
 * Builds `?name=value&...` from names and values in turn, escaped; empty when nothing is left. A pair whose value is undefined
 * is left out; an empty value is written as `name=`, which every server reads as `name` alone.
 */
export function queryString(...pairs: readonly (string | undefined)[]): string {
  let query = '';
  for (let at = 0; at < pairs.length; at += 2) {
    const [name, value] = [pairs[at], pairs[at + 1]];
    if (name === undefined || value === undefined) continue;
    query += `${query === '' ? '?' : '&'}${escapeUri(name)}=${escapeUri(value)}`;
  }
  return query;
}

/** The `Host` header that goes with an origin such as `https://example.com:443`: without scheme and default port. */
export function hostOf(origin: string): string {
  const https = origin.startsWith('https://');
  const authority = origin.slice(https ? 8 : 7);
  const defaultPort = https ? ':443' : ':80';
  return authority.endsWith(defaultPort) ? authority.slice(0, -defaultPort.length) : authority;
}
