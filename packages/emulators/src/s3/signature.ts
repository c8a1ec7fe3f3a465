import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { EmulatedRequest } from '../http-request.js';
import { S3Error } from './errors.js';

export interface Account {
  readonly accessKey: string;
  readonly secretKey: string;
  /** When set, requests must carry it as `x-amz-security-token`. */
  readonly sessionToken?: string;
}

/** Who signed, and what is needed to check the chunks of a signed stream. */
export interface Signer {
  readonly account: Account;
  readonly signingKey: Buffer;
  readonly scope: string;
  readonly amzDate: string;
  readonly signature: string;
  readonly region: string;
  /** Value of `x-amz-content-sha256`. */
  readonly payloadHash: string;
}

export interface SignatureRules {
  readonly accounts: readonly Account[];
  nowMs(): number;
}

const MAX_SKEW_MS = 15 * 60 * 1000;
const EMPTY_QUERY_SIGNATURE = 'X-Amz-Signature';

/**
 * Checks a SigV4 signature in header or query, written from AWS's description and not from the signer of Stowage:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export function verifySignature(request: EmulatedRequest, rules: SignatureRules): Signer | undefined {
  const authorization = request.headers['authorization'];
  if (authorization !== undefined) return verifyHeader(request, authorization, rules);
  if (request.query.has(EMPTY_QUERY_SIGNATURE)) return verifyQuery(request, rules);
  return undefined;
}

function verifyHeader(request: EmulatedRequest, authorization: string, rules: SignatureRules): Signer {
  const match = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
    authorization,
  );
  if (!match)
    throw new S3Error(400, 'AuthorizationHeaderMalformed', 'The authorization header that you provided is not valid.');
  const [, credential, signedHeaders, signature] = match as unknown as [string, string, string, string];
  const amzDate = request.headers['x-amz-date'] ?? '';
  checkSkew(amzDate, rules.nowMs());
  const payloadHash = request.headers['x-amz-content-sha256'];
  if (payloadHash === undefined)
    throw new S3Error(400, 'InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  const signer = startSigner(credential, amzDate, payloadHash, rules);
  checkToken(request.headers['x-amz-security-token'], signer.account);
  checkAllSigned(request, signedHeaders.split(';'));
  return finish(request, { signer, signedHeaders, signature, query: canonicalQuery(request.rawQuery) });
}

function verifyQuery(request: EmulatedRequest, rules: SignatureRules): Signer {
  const field = (name: string): string => request.query.get(`X-Amz-${name}`) ?? '';
  const amzDate = field('Date');
  const signedAtMs = parseAmzDate(amzDate);
  const expires = Number(field('Expires'));
  if (!(expires >= 1 && expires <= 604_800)) {
    throw new S3Error(400, 'AuthorizationQueryParametersError', 'X-Amz-Expires must be less than a week (in seconds)');
  }
  if (rules.nowMs() > signedAtMs + expires * 1000) throw new S3Error(403, 'AccessDenied', 'Request has expired');
  if (signedAtMs > rules.nowMs() + MAX_SKEW_MS) throw new S3Error(403, 'AccessDenied', 'Request is not valid yet');
  const payloadHash = request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  const signer = startSigner(field('Credential'), amzDate, payloadHash, rules);
  checkToken(request.query.get('X-Amz-Security-Token'), signer.account);
  const signedHeaders = field('SignedHeaders');
  checkAllSigned(request, signedHeaders.split(';'));
  return finish(request, {
    signer,
    signedHeaders,
    signature: field('Signature'),
    query: canonicalQuery(request.rawQuery, EMPTY_QUERY_SIGNATURE),
  });
}

/** The key of a credential scope, such as `20260101/us-east-1/s3/aws4_request`. */
export function signingKeyOf(secretKey: string, scope: string): Buffer {
  return scope.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secretKey}`));
}

export function findAccount(accessKey: string, rules: SignatureRules): Account {
  const account = rules.accounts.find((candidate) => candidate.accessKey === accessKey);
  if (account) return account;
  throw new S3Error(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
}

export function parseAmzDate(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) throw new S3Error(403, 'AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header');
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(
    `${String(year)}-${String(month)}-${String(day)}T${String(hour)}:${String(minute)}:${String(second)}Z`,
  );
}

export function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

export function sha256Hex(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

export function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function startSigner(
  credential: string,
  amzDate: string,
  payloadHash: string,
  rules: SignatureRules,
): Omit<Signer, 'signature'> {
  const [accessKey = '', date = '', region = '', service = '', end = ''] = credential.split('/');
  if (service !== 's3' || end !== 'aws4_request' || !amzDate.startsWith(date) || date.length !== 8) {
    throw new S3Error(400, 'AuthorizationHeaderMalformed', 'The credential scope does not fit the request.');
  }
  const account = findAccount(accessKey, rules);
  const scope = `${date}/${region}/s3/aws4_request`;
  return { account, scope, region, amzDate, payloadHash, signingKey: signingKeyOf(account.secretKey, scope) };
}

interface Claim {
  readonly signer: Omit<Signer, 'signature'>;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly query: string;
}

function finish(request: EmulatedRequest, { signer, signedHeaders, signature, query }: Claim): Signer {
  const headers = signedHeaders
    .split(';')
    .map((name) => `${name}:${(request.headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}\n`);
  const canonical = [request.method, request.rawPath, query, headers.join(''), signedHeaders, signer.payloadHash].join(
    '\n',
  );
  const toSign = ['AWS4-HMAC-SHA256', signer.amzDate, signer.scope, sha256Hex(canonical)].join('\n');
  const expected = hmac(signer.signingKey, toSign).toString('hex');
  if (sameText(expected, signature)) return { ...signer, signature };
  throw new S3Error(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided.',
    {
      StringToSign: toSign,
      CanonicalRequest: canonical,
    },
  );
}

export function canonicalQuery(rawQuery: string, without?: string): string {
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split('='))
    .map(([name = '', ...value]) => [canonicalText(name), canonicalText(value.join('='))] as const)
    .filter(([name]) => name !== without)
    .sort(([a, x], [b, y]) => Buffer.compare(Buffer.from(`${a}\0${x}`), Buffer.from(`${b}\0${y}`)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function canonicalText(text: string): string {
  const plain = decodeURIComponent(text.replaceAll('+', '%20'));
  return encodeURIComponent(plain).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function checkSkew(amzDate: string, nowMs: number): void {
  if (Math.abs(parseAmzDate(amzDate) - nowMs) <= MAX_SKEW_MS) return;
  throw new S3Error(
    403,
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
    {
      ServerTime: new Date(nowMs).toISOString(),
    },
  );
}

function checkToken(token: string | undefined, account: Account): void {
  if (token === account.sessionToken) return;
  throw new S3Error(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.');
}

/** AWS refuses `x-amz-*` headers, `host` and `content-md5` that are sent but not signed. */
function checkAllSigned(request: EmulatedRequest, signed: readonly string[]): void {
  const must = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  const missing = must.filter((name) => !signed.includes(name));
  if (missing.length === 0) return;
  throw new S3Error(403, 'AccessDenied', 'There were headers present in the request which were not signed', {
    HeadersNotSigned: missing.join(', '),
  });
}
