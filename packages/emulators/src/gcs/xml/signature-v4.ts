import { createVerify, type KeyObject } from 'node:crypto';
import type { EmulatedRequest } from '../../http-request.js';
import { canonicalQuery, hmac, parseAmzDate, sameText, sha256Hex, type Signer } from '../../s3/signature.js';
import { forbidden, GcsError, invalid } from '../errors.js';
import type { GcsHmacKey, Identities, Principal } from '../identities.js';

/** Names that the three V4 algorithms put into the same form: https://cloud.google.com/storage/docs/authentication/signatures */
interface Dialect {
  readonly keyPrefix: string;
  readonly service: string;
  readonly terminator: string;
  readonly headerPrefix: 'x-goog-' | 'x-amz-';
}

const GOOG: Dialect = {
  keyPrefix: 'GOOG4',
  service: 'storage',
  terminator: 'goog4_request',
  headerPrefix: 'x-goog-',
};
const AMZ: Dialect = { keyPrefix: 'AWS4', service: 's3', terminator: 'aws4_request', headerPrefix: 'x-amz-' };

const DIALECTS: Readonly<Record<string, Dialect>> = {
  'GOOG4-HMAC-SHA256': GOOG,
  'GOOG4-RSA-SHA256': GOOG,
  'AWS4-HMAC-SHA256': AMZ,
};

export interface SignatureContext {
  readonly identities: Identities;
  nowMs(): number;
}

/** Who signed; for AWS4 also what the chunks of a signed stream need. */
export interface Signed {
  readonly principal: Principal;
  /** HMAC keys have a project of their own; all others must name one. */
  readonly hasProject?: boolean;
  readonly signer?: Signer | undefined;
}

export const MAX_SKEW_MS = 15 * 60 * 1000;
const MAX_EXPIRES_SECONDS = 604_800;

/** What a request or a signed URL claims. */
interface Claim {
  readonly algorithm: string;
  readonly credential: string;
  readonly date: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly query: string;
}

/** Checks a V4 signature in `Authorization`. */
export function verifyV4Header(request: EmulatedRequest, authorization: string, context: SignatureContext): Signed {
  const match = /^(\S+) Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/.exec(authorization);
  const [, algorithm = '', credential = '', signedHeaders = '', signature = ''] = match ?? [];
  const dialect = dialectOf(algorithm);
  const date = request.headers[`${dialect.headerPrefix}date`] ?? '';
  checkSkew(date, context.nowMs());
  const claim = { algorithm, credential, date, signedHeaders, signature, query: canonicalQuery(request.rawQuery) };
  const payload = request.headers[`${dialect.headerPrefix}content-sha256`];
  if (payload === undefined)
    throw invalid(`Missing required header for this request: ${dialect.headerPrefix}content-sha256`);
  return verify(request, claim, payload, context);
}

/** Checks the signature in a URL. */
export function verifyV4Query(request: EmulatedRequest, context: SignatureContext): Signed {
  const isAmz = request.query.has('X-Amz-Signature');
  const field = (name: string): string => request.query.get(`X-${isAmz ? 'Amz' : 'Goog'}-${name}`) ?? '';
  const [date, expires] = [field('Date'), Number(field('Expires'))];
  const signedAtMs = parseAmzDate(date);
  if (!(expires >= 1 && expires <= MAX_EXPIRES_SECONDS))
    throw invalid(`X-Goog-Expires must be between 1 and ${String(MAX_EXPIRES_SECONDS)} seconds.`);
  const nowMs = context.nowMs();
  if (nowMs > signedAtMs + expires * 1000)
    throw new GcsError(400, 'invalid', 'ExpiredToken', 'The provided token has expired.', {
      details: { Details: `Request signature expired at: ${new Date(signedAtMs + expires * 1000).toISOString()}` },
    });
  if (signedAtMs > nowMs + MAX_SKEW_MS) throw forbidden('The request is not valid yet.');
  const claim = {
    algorithm: field('Algorithm'),
    credential: field('Credential'),
    date,
    signedHeaders: field('SignedHeaders'),
    signature: field('Signature'),
    query: canonicalQuery(request.rawQuery, isAmz ? 'X-Amz-Signature' : 'X-Goog-Signature'),
  };
  const payload = request.headers[`x-${isAmz ? 'amz' : 'goog'}-content-sha256`] ?? 'UNSIGNED-PAYLOAD';
  return verify(request, claim, payload, context);
}

function dialectOf(algorithm: string): Dialect {
  const dialect = Object.hasOwn(DIALECTS, algorithm) ? DIALECTS[algorithm] : undefined;
  if (dialect) return dialect;
  throw invalid('The authorization header that you provided is not valid.', 'invalid', 'InvalidAuthorization');
}

function verify(request: EmulatedRequest, claim: Claim, payload: string, context: SignatureContext): Signed {
  const { algorithm, credential, date, signedHeaders } = claim;
  const dialect = dialectOf(algorithm);
  const parts = credential.split('/');
  const scope = parts.slice(-4);
  const [day = '', region = '', service, terminator] = scope;
  const id = parts.slice(0, -4).join('/');
  if (service !== dialect.service || terminator !== dialect.terminator || !date.startsWith(day) || day.length !== 8)
    throw invalid('The credential scope does not fit the request.', 'invalid', 'InvalidAuthorization');
  const names = signedHeaders.split(';');
  checkSignedHeaders(request, names);
  const canonicals = hostsOf(request).map((host) => {
    const lines = names.map(
      (name) => `${name}:${canonicalValue(name === 'host' ? host : headerText(request, name))}\n`,
    );
    return [request.method, request.rawPath, claim.query, lines.join(''), signedHeaders, payload].join('\n');
  });
  const toSign = (canonical: string): string => [algorithm, date, scope.join('/'), sha256Hex(canonical)].join('\n');
  if (algorithm === 'GOOG4-RSA-SHA256') {
    const key = context.identities.publicKeyOf(id);
    if (!key) throw unknownCredential();
    const isGood = canonicals.some((canonical) => verifyRsa(toSign(canonical), claim.signature, key));
    if (!isGood) throw mismatch(toSign(canonicals[0] as string), canonicals[0]);
    return { principal: { email: id } };
  }
  const key = hmacKeyOf(id, context.identities);
  const signingKey = scope.reduce<Buffer>(
    (seed, part) => hmac(seed, part),
    Buffer.from(dialect.keyPrefix + key.secretKey),
  );
  const isGood = canonicals.some((canonical) =>
    sameText(hmac(signingKey, toSign(canonical)).toString('hex'), claim.signature),
  );
  if (!isGood) throw mismatch(toSign(canonicals[0] as string), canonicals[0]);
  const signer = {
    account: { accessKey: key.accessKey, secretKey: key.secretKey },
    signingKey,
    scope: scope.join('/'),
    amzDate: date,
    signature: claim.signature,
    region,
    payloadHash: payload,
  };
  return { principal: { email: context.identities.emailOf(key) }, hasProject: true, signer };
}

/** Google's own client signs the host without its port, others with it. */
function hostsOf({ headers }: EmulatedRequest): readonly string[] {
  const host = headers['host'] ?? '';
  const bare = host.replace(/:\d+$/, '');
  return host === bare ? [host] : [host, bare];
}

/** A header that is sent twice counts as one, with a bare comma between the values. */
export function headerText({ rawHeaders, headers }: EmulatedRequest, name: string): string {
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
  return values.length > 1 ? values.map((value) => value.trim()).join(',') : (headers[name] ?? '');
}

/** Node gives each byte of a value as one character; what is signed are the bytes. */
function canonicalValue(value: string | undefined): string {
  const text = (value ?? '').replaceAll(/[ \t]+/g, ' ').replaceAll(/^ | $/g, '');
  return Buffer.from(text, 'latin1').toString('utf8');
}

/** `host` and every extension header that is sent must be signed; what is signed must be sent. */
function checkSignedHeaders(request: EmulatedRequest, names: readonly string[]): void {
  const malformed = (detail: string, name: string): GcsError =>
    new GcsError(400, 'invalid', 'MalformedSecurityHeader', 'Your request has a malformed header.', {
      details: { Details: detail, ParameterName: name },
    });
  const absent = names.find((name) => request.headers[name] === undefined);
  if (absent !== undefined) throw malformed('Header was included in signedheaders, but not in the request.', absent);
  const sent = Object.keys(request.headers);
  const unsigned = ['host', ...sent.filter((name) => /^x-(goog|amz)-/.test(name))].find(
    (name) => !names.includes(name),
  );
  if (unsigned !== undefined) throw malformed('Header was sent, but is not in signedheaders.', unsigned);
}

function verifyRsa(text: string, signature: string, key: KeyObject): boolean {
  if (!/^([0-9a-f]{2})+$/.test(signature)) return false;
  return createVerify('RSA-SHA256').update(text).verify(key, Buffer.from(signature, 'hex'));
}

export function hmacKeyOf(id: string, { hmacKeys }: Identities): GcsHmacKey {
  const key = hmacKeys.get(id);
  if (key && key.state !== 'INACTIVE') return key;
  throw unknownCredential();
}

export function unknownCredential(): GcsError {
  return new GcsError(403, 'forbidden', 'InvalidSecurity', 'The provided security credentials are not valid.');
}

export function mismatch(stringToSign: string, canonicalRequest?: string): GcsError {
  return new GcsError(
    403,
    'forbidden',
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your Google secret key and signing method.',
    {
      details: {
        StringToSign: stringToSign,
        ...(canonicalRequest !== undefined && { CanonicalRequest: canonicalRequest }),
      },
    },
  );
}

function checkSkew(date: string, nowMs: number): void {
  if (Math.abs(parseAmzDate(date) - nowMs) <= MAX_SKEW_MS) return;
  throw tooSkewed();
}

export function tooSkewed(): GcsError {
  return new GcsError(
    403,
    'forbidden',
    'RequestTimeTooSkewed',
    'The difference between the request time and the server’s time is too large.',
  );
}
