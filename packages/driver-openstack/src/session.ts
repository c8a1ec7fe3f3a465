import type { Endpoint } from './catalog.js';
import type { Address } from './options.js';

/** What a login gave: a token, and the only places that it is ever sent to. */
export interface Session {
  /** Undefined for anonymous requests. */
  readonly token: string | undefined;
  readonly storage: Address;
  /** CDN management of Cloud Files. */
  readonly cdn: Address | undefined;
  /** Milliseconds since 1970; infinite where the service does not tell. */
  readonly expiresAtMs: number;
  readonly issuedAtMs: number;
  /** The service has accepted the token. */
  isProven: boolean;
}

/** The answer to a login, before an endpoint is chosen. */
export interface Grant {
  readonly token: string;
  readonly expiresAtMs: number;
  readonly catalog: readonly Endpoint[];
  /** Addresses that version 1 tells without a catalog. */
  readonly storageUrl?: string | undefined;
  readonly cdnUrl?: string | undefined;
  /** Names the user, where an unscoped token needs a project. */
  readonly isScoped: boolean;
}
