import { createHmac, createVerify } from 'node:crypto';
import type { EmulatedRequest } from '../../http-request.js';
import { sameText } from '../../s3/signature.js';
import { GcsError, invalid } from '../errors.js';
import {
  headerText,
  hmacKeyOf,
  MAX_SKEW_MS,
  mismatch,
  type SignatureContext,
  type Signed,
  tooSkewed,
} from './signature-v4.js';

/** Sub-resources that are part of what a V2 signature covers. */
const SUBRESOURCES = new Set(
  'acl billing compose cors defaultObjectAcl delete encryption encryptionConfig generation lifecycle location logging partNumber policy requestPayment response-cache-control response-content-disposition response-content-encoding response-content-language response-content-type response-expires storageClass tagging torrent upload_id uploadId uploads userProject versionId versioning versions website websiteConfig'.split(
    ' ',
  ),
);

/** V2, in a header: https://cloud.google.com/storage/docs/migrating and https://cloud.google.com/storage/docs/access-control/signed-urls-v2 */
export function verifyV2Header(
  request: EmulatedRequest,
  authorization: string,
  bucketOfHost: string | undefined,
  context: SignatureContext,
): Signed {
  const match = /^(GOOG1|AWS) ([^:\s]+):(\S+)$/.exec(authorization);
  if (!match)
    throw invalid('The authorization header that you provided is not valid.', 'invalid', 'InvalidAuthorization');
  const [, scheme, id = '', signature = ''] = match;
  const prefix = scheme === 'AWS' ? 'x-amz-' : 'x-goog-';
  const extensionDate = request.headers[`${prefix}date`];
  const date = extensionDate ?? request.headers['date'] ?? '';
  if (!(Math.abs(Date.parse(date) - context.nowMs()) <= MAX_SKEW_MS)) throw tooSkewed();
  const key = hmacKeyOf(id, context.identities);
  const text = stringToSignV2(request, extensionDate === undefined ? date : '', bucketOfHost, prefix);
  const expected = createHmac('sha1', key.secretKey).update(text).digest('base64');
  if (!sameText(expected, signature)) throw mismatch(text);
  return { principal: { email: context.identities.emailOf(key) }, hasProject: true };
}

/** V2, in a URL; signed with an HMAC key, or with an account's private key. */
export function verifyV2Query(
  request: EmulatedRequest,
  bucketOfHost: string | undefined,
  context: SignatureContext,
): Signed {
  const { query } = request;
  const id = query.get('GoogleAccessId') ?? query.get('AWSAccessKeyId') ?? '';
  const [expires, signature] = [query.get('Expires') ?? '', query.get('Signature') ?? ''];
  if (!(Number(expires) * 1000 > context.nowMs()))
    throw new GcsError(400, 'invalid', 'ExpiredToken', 'The provided token has expired.');
  const prefix = query.has('AWSAccessKeyId') ? 'x-amz-' : 'x-goog-';
  const text = stringToSignV2(request, expires, bucketOfHost, prefix);
  const account = context.identities.publicKeyOf(id);
  if (account) {
    if (!createVerify('RSA-SHA256').update(text).verify(account, signature, 'base64')) throw mismatch(text);
    return { principal: { email: id } };
  }
  const key = hmacKeyOf(id, context.identities);
  if (!sameText(createHmac('sha1', key.secretKey).update(text).digest('base64'), signature)) throw mismatch(text);
  return { principal: { email: context.identities.emailOf(key) }, hasProject: true };
}

/** Header values are taken as they were sent. */
function stringToSignV2(
  request: EmulatedRequest,
  date: string,
  bucketOfHost: string | undefined,
  prefix: 'x-goog-' | 'x-amz-',
): string {
  const { method, headers, rawPath, rawQuery } = request;
  const extensions = Object.keys(headers)
    .filter((name) => name.startsWith(prefix) && !/^x-goog-encryption-key/.test(name))
    .sort()
    .map((name) => `${name}:${Buffer.from(headerText(request, name).trim(), 'latin1').toString('utf8')}\n`);
  const path = `${bucketOfHost === undefined ? '' : `/${bucketOfHost}`}${rawPath}`;
  const parts = rawQuery
    .split('&')
    .filter((pair) => SUBRESOURCES.has(pair.split('=')[0] ?? ''))
    .sort()
    .map((pair) => decodeURIComponent(pair.replaceAll('+', ' ')));
  const resource = `${path}${parts.length > 0 ? `?${parts.join('&')}` : ''}`;
  const lines = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', date];
  return `${lines.join('\n')}\n${extensions.join('')}${resource}`;
}
