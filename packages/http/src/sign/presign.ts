import { StorageError } from '@stowage/core/spi';
import { basicIsoDate } from '../dates.js';
import { escapeUri, hostOf } from '../uri.js';
import { canonicalHeaders, canonicalRequest } from './canonical.js';
import { stringToSign } from './headers.js';
import { UNSIGNED_PAYLOAD } from './scheme.js';
import type { Signer, SigningKeys } from './signer.js';

/** The longest life of a signed address in every scheme of the family: seven days. */
export const MAX_PRESIGN_SECONDS = 604_800;

export interface PresignRequest {
  readonly method: string;
  /** Scheme and authority. */
  readonly origin: string;
  /** Path and query, escaped. */
  readonly path: string;
  /** Names in lower case and values in turn: what the sender must then send. `host` is always signed. */
  readonly headers?: readonly string[] | undefined;
  /** From 1 to `MAX_PRESIGN_SECONDS`. */
  readonly expiresInSeconds: number;
  /** `UNSIGNED-PAYLOAD` unless given. */
  readonly contentHash?: string | undefined;
}

/** An address that lacks only its signature, for keys that sign elsewhere, such as Google's `signBlob`. */
export interface PresignDraft {
  readonly stringToSign: string;
  /** Gives the whole address for a signature in lower-case hexadecimal. */
  complete(signature: string): string;
}

/** Prepares a signed address without a key. `credential` is `<access key>/<scope>`. */
export function draftPresign(
  signer: Signer,
  request: PresignRequest,
  credential: string,
  sessionToken: string | undefined,
  nowMs: number,
): PresignDraft {
  const { scheme } = signer;
  const { expiresInSeconds } = request;
  if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > MAX_PRESIGN_SECONDS) {
    throw new StorageError(
      'invalid-argument',
      `A signed address lives 1 to ${MAX_PRESIGN_SECONDS} seconds (7 days), not ${expiresInSeconds}.`,
    );
  }
  const date = basicIsoDate(nowMs);
  const headers = canonicalHeaders(hostOf(request.origin), request.headers ?? []);
  const prefix = scheme.queryPrefix;
  const queryAt = request.path.indexOf('?');
  const path = queryAt === -1 ? request.path : request.path.slice(0, queryAt);
  const ownQuery = queryAt === -1 ? '' : `${request.path.slice(queryAt + 1)}&`;
  const token = sessionToken === undefined ? '' : `&${prefix}Security-Token=${escapeUri(sessionToken)}`;
  const query =
    `${ownQuery}${prefix}Algorithm=${scheme.algorithm}&${prefix}Credential=${escapeUri(credential)}&${prefix}Date=${date}` +
    `&${prefix}Expires=${expiresInSeconds}${token}&${prefix}SignedHeaders=${escapeUri(headers.names)}`;
  const canonical = canonicalRequest(request.method, path, query, headers, request.contentHash ?? UNSIGNED_PAYLOAD);
  const scope = credential.slice(credential.indexOf('/') + 1);
  return {
    stringToSign: stringToSign(scheme.algorithm, date, scope, canonical),
    complete: (signature) => `${request.origin}${path}?${query}&${prefix}Signature=${signature}`,
  };
}

/**
 * Signs an address that anyone may use until it expires; no request. Throws `invalid-argument` for a life out of bounds.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function presign(signer: Signer, request: PresignRequest, keys: SigningKeys, nowMs: number): string {
  const key = signer.dayKey(keys, basicIsoDate(nowMs));
  const draft = draftPresign(signer, request, key.credential, keys.sessionToken, nowMs);
  return draft.complete(key.sign(draft.stringToSign));
}
