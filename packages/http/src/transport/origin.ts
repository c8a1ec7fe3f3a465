import { StorageError } from '@stowage/core/spi';

/** Where a server is. */
export interface Origin {
  readonly isTls: boolean;
  /** Name or address, IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** `name:port`, for messages. */
  readonly label: string;
  /** Scheme and authority in normal form. */
  readonly href: string;
}

/** Reads an origin. Throws `invalid-argument` when it is none, or holds more than scheme, host and port. */
export function parseOrigin(text: string): Origin {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isTls = url?.protocol === 'https:';
  if (!url || (!isTls && url.protocol !== 'http:') || url.pathname !== '/' || url.search || url.hash || url.username) {
    const shown = url ? `${url.protocol}//${url.host}${url.pathname}` : text;
    throw new StorageError(
      'invalid-argument',
      `"${shown}" is no endpoint: it must be "https://host" or "http://host:port".`,
    );
  }
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (isTls ? 443 : 80);
  return { isTls, hostname, port, label: `${url.hostname}:${port}`, href: url.origin };
}
