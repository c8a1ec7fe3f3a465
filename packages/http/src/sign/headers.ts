import { basicIsoDate } from '../dates.js';
import { hostOf } from '../uri.js';
import { canonicalHeaders, canonicalRequest, sha256OfText } from './canonical.js';
import type { DayKey } from './keys.js';
import type { Signer, SigningKeys } from './signer.js';

/** What a signature covers; a `WireRequest` fits. */
export interface SignableRequest {
  readonly method: string;
  /** Scheme and authority. */
  readonly origin: string;
  /** Path and query, escaped, as they are sent. */
  readonly path: string;
  /** Names in lower case and values in turn. The signature is added to them. */
  readonly headers: string[];
}

/** What was signed; the first chunk's signature builds on it. */
export interface HeaderSignature {
  /** Lower-case hexadecimal. */
  readonly signature: string;
  /** Time of signing, as `20130524T000000Z`. */
  readonly date: string;
  readonly key: DayKey;
}

/** The text to sign of a request, after its headers are complete. */
export function stringToSign(algorithm: string, date: string, scope: string, canonical: string): string {
  return `${algorithm}\n${date}\n${scope}\n${sha256OfText(canonical)}`;
}

/**
 * Signs a request: adds date, content hash, session token and `authorization` to `request.headers`, in place.
 * `contentHash` is the body's SHA-256 in hexadecimal, or one of the scheme's words such as `UNSIGNED-PAYLOAD`.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function signHeaders(
  signer: Signer,
  request: SignableRequest,
  contentHash: string,
  keys: SigningKeys,
  nowMs: number,
): HeaderSignature {
  const { scheme } = signer;
  const { headers, path } = request;
  const date = basicIsoDate(nowMs);
  const key = signer.dayKey(keys, date);
  headers.push(scheme.dateHeader, date);
  if (signer.sendContentHash) headers.push(scheme.contentHashHeader, contentHash);
  if (keys.sessionToken !== undefined) headers.push(scheme.tokenHeader, keys.sessionToken);
  const canonical = canonicalHeaders(hostOf(request.origin), headers);
  const queryAt = path.indexOf('?');
  const text =
    queryAt === -1
      ? canonicalRequest(request.method, path, '', canonical, contentHash)
      : canonicalRequest(request.method, path.slice(0, queryAt), path.slice(queryAt + 1), canonical, contentHash);
  const signature = key.sign(stringToSign(scheme.algorithm, date, key.scope, text));
  headers.push(
    'authorization',
    `${scheme.algorithm} Credential=${key.credential}, SignedHeaders=${canonical.names}, Signature=${signature}`,
  );
  return { signature, date, key };
}
