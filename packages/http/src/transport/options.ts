import { type OptionsOf, type OptionTable, StorageError } from '@stowage/core/spi';

/** Options that every driver that speaks HTTP takes; a driver spreads them into its own table and passes what it got on. */
export const transportOptionTable = {
  proxyUrl: {
    type: 'string',
    secret: true,
    about:
      'HTTP proxy such as "http://user:password@proxy.example:3128"; "" for none. Default: HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment.',
  },
  clientCert: {
    type: 'string',
    about: 'Client certificate for TLS: PEM text or the path of a PEM file. Default: none.',
  },
  clientKey: {
    type: 'string',
    secret: true,
    about: 'Private key of the client certificate: PEM text or the path of a PEM file. Default: none.',
  },
  clientKeyPassphrase: { type: 'string', secret: true, about: 'Passphrase of the private key. Default: none.' },
  tlsServerName: {
    type: 'string',
    about: "Name that the server's certificate must bear. Default: the endpoint's host.",
  },
  maxConnections: { type: 'number', about: 'Connections to one host at a time; further requests wait. Default 64.' },
  connectTimeoutMs: {
    type: 'number',
    about: 'Milliseconds for a connection to stand, with name lookup, proxy and TLS. Default 10000.',
  },
  headersTimeoutMs: {
    type: 'number',
    about: 'Milliseconds to wait for the head of an answer after the request is sent. Default 60000.',
  },
  bodyTimeoutMs: {
    type: 'number',
    about: 'Milliseconds in which not one byte of a body moves, in either direction. Default 60000.',
  },
} as const satisfies OptionTable;

export interface TransportOptions extends OptionsOf<typeof transportOptionTable> {
  /** Longest head of an answer. Bytes; default 65,536. */
  readonly maxHeaderBytes?: number | undefined;
  /** As much of the body of an answer from 300 on is collected; the rest is dropped. Bytes; default 65,536. */
  readonly maxErrorBytes?: number | undefined;
  /** Environment to look for proxies, CA certificates and the wire log in; `process.env` unless given. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** How long each step of a request may take, and how much an answer may hold. */
export interface Limits {
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly maxErrorBytes: number;
}

const DEFAULTS: Limits = {
  maxConnections: 64,
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 60_000,
  bodyTimeoutMs: 60_000,
  maxHeaderBytes: 65_536,
  maxErrorBytes: 65_536,
};

/** Fills in the defaults. Throws `invalid-argument` for what is no positive whole number. */
export function readLimits(options: TransportOptions): Limits {
  const limits: Record<string, number> = {};
  for (const [name, fallback] of Object.entries(DEFAULTS) as [keyof Limits, number][]) {
    const value = options[name] ?? fallback;
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new StorageError('invalid-argument', `"${name}" must be a whole number from 1 on, not ${value}.`);
    }
    limits[name] = value;
  }
  return limits as unknown as Limits;
}
