import { hmacSigner, type SignText } from '@stowage/http';
import type { Identity } from './auth.js';

/** Percent-decodes as Python's `unquote_plus`, which is how the server reads path and query before it signs them. */
function unquotePlus(target: string): string {
  return /[%+]/.test(target) ? decodeURIComponent(target.replaceAll('+', ' ')) : target;
}

/** What is signed of a request. */
export interface Signable {
  readonly method: string;
  /** Path with query, as it is sent. */
  readonly target: string;
  readonly timestampSeconds: number;
}

/** Signs for one user: hexadecimal HMAC-SHA-256 over user, method, time, and path with query, decoded. */
export class NimbusSigner {
  readonly #identity: Identity;
  readonly #sign: SignText;

  constructor(identity: Identity) {
    this.#identity = identity;
    this.#sign = hmacSigner(Buffer.from(identity.key), { digest: 'sha256', text: 'utf8', signature: 'hex' });
  }

  signature({ method, target, timestampSeconds }: Signable): string {
    return this.#sign(`${this.#identity.user}\n${method}\n${String(timestampSeconds)}\n${unquotePlus(target)}`);
  }

  /** Header names and values in turn. */
  headers(request: Signable): string[] {
    const authorization = `NIMBUS.IO ${this.#identity.keyId}:${this.signature(request)}`;
    return ['authorization', authorization, 'x-nimbus-io-timestamp', String(request.timestampSeconds)];
  }
}
