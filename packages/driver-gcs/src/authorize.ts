import { AWS4, GOOG4, type KeyPair, type SignableRequest, signHeaders, Signer } from '@stowage/http';
import type { Credential, HmacSignature } from './credentials.js';
import { signGoog1 } from './sign.js';

/** Puts onto a request what shows whose it is. */
export interface Authorizer {
  /** A promise only while a token must be fetched. */
  authorize(request: SignableRequest, contentHash: string, nowMs: number): void | Promise<void>;
  /** Takes note that a request of these headers was refused as unauthenticated; true when the next attempt will be another. */
  refused(headers: readonly string[]): boolean;
}

/** Gives the bearer token of an account. */
export interface TokenSource {
  token(): string | Promise<string>;
  /** Has a refused token fetched anew; false where it is fixed. */
  drop(token: string): boolean;
}

export function authorizerOf(credential: Credential, tokens: TokenSource | undefined): Authorizer {
  if (credential.kind === 'hmac') return hmacAuthorizer(credential.keys, credential.signature);
  return tokens ? new BearerAuthorizer(tokens) : NOBODY;
}

const NOBODY: Authorizer = { authorize: () => undefined, refused: () => false };

/** The scheme by which addresses and headers are signed with an HMAC key. */
export function hmacSigner(signature: HmacSignature): Signer {
  return signature === 'aws4'
    ? new Signer({ scheme: AWS4, region: 'auto', service: 's3' })
    : new Signer({ scheme: GOOG4, region: 'auto', service: 'storage' });
}

function hmacAuthorizer(keys: KeyPair, signature: HmacSignature): Authorizer {
  if (signature === 'goog1') {
    return { authorize: (request, _hash, nowMs) => signGoog1(request, keys, nowMs), refused: () => false };
  }
  const signer = hmacSigner(signature);
  return {
    authorize: (request, contentHash, nowMs) => void signHeaders(signer, request, contentHash, keys, nowMs),
    refused: () => false,
  };
}

const BEARER = 'Bearer ';

class BearerAuthorizer implements Authorizer {
  readonly #tokens: TokenSource;

  constructor(tokens: TokenSource) {
    this.#tokens = tokens;
  }

  authorize({ headers }: SignableRequest): void | Promise<void> {
    const token = this.#tokens.token();
    if (typeof token === 'string') {
      headers.push('authorization', BEARER + token);
      return undefined;
    }
    return token.then((fetched) => void headers.push('authorization', BEARER + fetched));
  }

  refused(headers: readonly string[]): boolean {
    const value = headers[headers.lastIndexOf('authorization') + 1] as string;
    return this.#tokens.drop(value.slice(BEARER.length));
  }
}
