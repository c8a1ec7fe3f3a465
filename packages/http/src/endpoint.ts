import { isIP } from 'node:net';
import { type OptionsOf, type OptionTable, StorageError } from '@stowage/core/spi';

/** Options that say where a service is; a driver spreads them into its own table, with an `endpoint` of its own words. */
export const placeOptionTable = {
  host: { type: 'string', about: 'Host of the service, in place of "endpoint", as in Libcloud.' },
  port: { type: 'number', about: 'Port that goes with "host". Default 443, or 80 with "secure" false.' },
  secure: { type: 'boolean', about: 'HTTPS with "host". Default true.' },
} as const satisfies OptionTable;

export interface PlaceOptions extends OptionsOf<typeof placeOptionTable> {
  readonly endpoint?: string | undefined;
}

/** Where a service answers. */
export interface Place {
  readonly scheme: 'http' | 'https';
  /** Lower case, without brackets. */
  readonly host: string;
  /** Empty for the scheme's own. */
  readonly port: string;
  /** Empty, or begins with a slash and ends without. */
  readonly path: string;
}

/**
 * Reads the options that say where a service is; undefined when none does. `host` may be a whole address. Throws `invalid-argument`
 * for an address that is none or holds a user or a query, and for `endpoint` beside `host`.
 */
export function readPlace({ endpoint, host, port, secure }: PlaceOptions): Place | undefined {
  if (endpoint !== undefined && host !== undefined)
    throw new StorageError('invalid-argument', '"endpoint" and "host" both say where the service is; give one.');
  if (endpoint !== undefined) return parseEndpoint(endpoint);
  if (host === undefined) return undefined;
  if (/^[a-z]+:\/\//i.test(host)) return parseEndpoint(host);
  const scheme = secure === false ? 'http' : 'https';
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return parseEndpoint(`${scheme}://${name}${port === undefined ? '' : `:${String(port)}`}`);
}

/** Reads the address of a service. Throws `invalid-argument`. */
export function parseEndpoint(text: string): Place {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!url || !isHttp || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    const shown = text.replace(/\/\/[^@/]*@/, '//***@');
    throw new StorageError(
      'invalid-argument',
      `The endpoint must be an address such as "https://storage.example.com:9000", without user and query; it is "${shown}".`,
    );
  }
  const scheme = url.protocol === 'http:' ? 'http' : 'https';
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return { scheme, host, port: url.port, path: url.pathname.replace(/\/+$/, '') };
}

/** Scheme and authority. */
export function originOf({ scheme, host, port }: Place): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}${port === '' ? '' : `:${port}`}`;
}

/** True when nobody on the way can read or change what is sent: TLS, or this very machine. */
export function isSafeChannel(origin: string): boolean {
  return origin.startsWith('https:') || /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/.test(origin);
}
