import { StorageError } from '@stowage/core/spi';
import { isSecretHeader } from '../diagnostics/redact.js';
import { parseOrigin } from '../transport/origin.js';
import type { WireRequest, WireResponse } from '../wire.js';

/** Where an answer sends the client. */
export interface RedirectTarget {
  /** Scheme and authority. */
  readonly origin: string;
  /** Path and query, as the server wrote them. */
  readonly path: string;
  /** False when scheme, host or port differ: then no credentials may go there. */
  readonly isSameOrigin: boolean;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const ABSOLUTE = /^(?:(https?):)?\/\/([^/?#]*)([^#]*)/i;

/** A reference without host: from the root, or beside the path that was asked for. */
function pathBeside(path: string, reference: string): string {
  const text = reference.replace(/#.*$/s, '');
  if (text.startsWith('/')) return text;
  const base = path.replace(/\?.*$/s, '');
  if (text.startsWith('?')) return base + text;
  return base.slice(0, base.lastIndexOf('/') + 1) + text;
}

/**
 * Tells where a redirect leads; undefined for other answers and without `Location`. Nothing is ever followed by the transport.
 * Throws `unknown` for a `Location` that is no HTTP address.
 */
export function redirectTarget(response: WireResponse, request: WireRequest): RedirectTarget | undefined {
  const location = REDIRECTS.has(response.status) ? response.header('location')?.trim() : undefined;
  if (location === undefined || location === '') return undefined;
  const own = parseOrigin(request.origin);
  const absolute = ABSOLUTE.exec(location);
  if (!absolute) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(location)) {
      throw new StorageError('unknown', `${own.label} redirects to an address that is not HTTP.`, {
        status: response.status,
      });
    }
    return { origin: own.href, path: pathBeside(request.path, location), isSameOrigin: true };
  }
  const [, scheme, authority = '', rest = ''] = absolute;
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const { href } = parseOrigin(`${scheme?.toLowerCase() ?? (own.isTls ? 'https' : 'http')}://${host}`);
  return { origin: href, path: rest.startsWith('/') ? rest : `/${rest}`, isSameOrigin: href === own.href };
}

/**
 * Makes the request that follows a redirect. To another origin it goes without credentials: whoever trusts that host signs anew.
 */
export function redirectedRequest(request: WireRequest, target: RedirectTarget): WireRequest {
  const { headers } = request;
  const kept = target.isSameOrigin
    ? [...headers]
    : headers.filter((_text, at) => !isSecretHeader(headers[at - (at % 2)] as string));
  return { ...request, origin: target.origin, path: target.path, headers: kept };
}
