import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { readBody } from '../http-request.js';
import { S3Error } from './errors.js';
import { putObject } from './objects.js';
import { findAccount, hmac, sameText, type SignatureRules, signingKeyOf } from './signature.js';
import type { Bucket } from './store.js';
import { toXml } from './xml.js';

export interface Form {
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: Buffer;
  readonly fileName: string;
}

/** A browser's form upload: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html */
export async function postForm(
  bucket: Bucket,
  request: EmulatedRequest,
  rules: SignatureRules,
): Promise<EmulatedResponse> {
  const form = parseForm(await readBody(request), request.headers['content-type'] ?? '');
  const field = (name: string): string => form.fields.get(name) ?? '';
  checkPolicySignature(field, rules);
  const key = field('key').replace('${filename}', form.fileName);
  checkPolicy(
    field('policy'),
    { ...Object.fromEntries(form.fields), bucket: bucket.name, key },
    form.file.length,
    rules.nowMs(),
  );
  const kept = [...form.fields].filter(([name]) => /^(x-amz-meta-|content-|cache-control|expires)/.test(name));
  const written = putObject(bucket, key, { body: form.file, headers: Object.fromEntries(kept) }, rules.nowMs());
  const status = ['200', '201'].includes(field('success_action_status')) ? Number(field('success_action_status')) : 204;
  const etag = written.headers?.['etag'] as string;
  const location = `/${bucket.name}/${encodeURIComponent(key)}`;
  if (status !== 201) return { status, headers: { ...written.headers, location } };
  const body = toXml('PostResponse', { Location: location, Bucket: bucket.name, Key: key, ETag: etag });
  return { status, headers: { ...written.headers, location, 'content-type': 'application/xml' }, body };
}

function checkPolicySignature(field: (name: string) => string, rules: SignatureRules): void {
  const [accessKey = '', ...scope] = field('x-amz-credential').split('/');
  const account = findAccount(accessKey, rules);
  const expected = hmac(signingKeyOf(account.secretKey, scope.join('/')), field('policy')).toString('hex');
  if (sameText(expected, field('x-amz-signature'))) return;
  throw new S3Error(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided.',
  );
}

/** `[operator, $field, value]`, or `{ field: value }` for equality. */
type Condition = { readonly [field: string]: string } | readonly [string, string, string];

interface Policy {
  readonly expiration: string;
  readonly conditions: readonly Condition[];
}

/** Fields that need no condition in the policy. */
const EXEMPT: ReadonlySet<string> = new Set(['x-amz-signature', 'policy', 'file']);

/** Holds a form to its signed policy, which is base64 of JSON; throws 403, or 400 for a file of a wrong size. */
export function checkPolicy(
  text: string,
  fields: Readonly<Record<string, string>>,
  size: number,
  nowMs: number,
  exempt = EXEMPT,
): void {
  const denied = (reason: string): S3Error =>
    new S3Error(403, 'AccessDenied', `Invalid according to Policy: ${reason}`);
  const policy = JSON.parse(Buffer.from(text, 'base64').toString()) as Policy;
  if (Date.parse(policy.expiration) <= nowMs) throw denied('Policy expired.');
  const covered = new Set<string>();
  for (const condition of policy.conditions) {
    const rows = rowsOf(condition);
    for (const [operator, subject, value] of rows) {
      if (operator === 'content-length-range') {
        if (size < Number(subject))
          throw new S3Error(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
        if (size > Number(value))
          throw new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
        continue;
      }
      const name = subject.slice(1).toLowerCase();
      const given = fields[name] ?? '';
      const holds = operator === 'eq' ? given === value : given.startsWith(value);
      if (!holds) throw denied(`Policy Condition failed: ["${operator}", "${subject}", "${value}"]`);
      covered.add(name);
    }
  }
  const extra = Object.keys(fields).find(
    (name) => !covered.has(name) && !exempt.has(name) && name !== 'bucket' && !name.startsWith('x-ignore-'),
  );
  if (extra !== undefined) throw denied(`Extra input fields: ${extra}`);
}

/** Both spellings of a condition as `[operator, $field, value]`. */
function rowsOf(condition: Condition): (readonly [string, string, string])[] {
  if (isRow(condition)) return [condition];
  return Object.entries<string>(condition as Readonly<Record<string, string>>).map(
    ([name, value]) => ['eq', `$${name}`, value] as const,
  );
}

function isRow(condition: Condition): condition is readonly [string, string, string] {
  return Array.isArray(condition);
}

export function parseForm(body: Buffer, contentType: string): Form {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined)
    throw new S3Error(412, 'PreconditionFailed', 'Bucket POST must be of the enclosure-type multipart/form-data');
  const fields = new Map<string, string>();
  const mark = Buffer.from(`\r\n--${boundary}`);
  const text = Buffer.concat([Buffer.from('\r\n'), body]);
  for (let at = text.indexOf(mark); at >= 0;) {
    const next = text.indexOf(mark, at + mark.length);
    if (next < 0) break;
    const part = text.subarray(at + mark.length + 2, next);
    const split = part.indexOf('\r\n\r\n');
    const head = part.toString('utf8', 0, split);
    const content = part.subarray(split + 4);
    const name = /name="([^"]*)"/.exec(head)?.[1]?.toLowerCase() ?? '';
    if (name === 'file') return { fields, file: content, fileName: /filename="([^"]*)"/.exec(head)?.[1] ?? '' };
    fields.set(name, content.toString('utf8'));
    at = next;
  }
  throw new S3Error(400, 'InvalidArgument', 'POST requires exactly one file upload per request.');
}
