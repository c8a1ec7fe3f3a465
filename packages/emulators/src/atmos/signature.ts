import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EmulatedRequest } from '../http-request.js';
import { AtmosError } from './errors.js';

export interface AtmosAccount {
  /** `<subtenant>/<user>`. */
  readonly uid: string;
  /** Base64. */
  readonly secret: string;
}

export interface SignatureRules {
  readonly accounts: readonly AtmosAccount[];
  /** Seconds by which the clocks may differ. */
  readonly windowSeconds: number;
  readonly asciiLowerCase: boolean;
  readonly nowMs: () => number;
}

/** Checks who sends a request. `resource` is its path without the service's own prefix, percent-encoded as it came. */
export function authenticate(request: EmulatedRequest, resource: string, rules: SignatureRules): AtmosAccount {
  const { headers, query, method } = request;
  if (headers['x-emc-signature'] === undefined && query.has('signature') && method === 'GET')
    return authenticateUrl(request, resource, rules);
  const account = findAccount(headers['x-emc-uid'], rules);
  checkTime(headers, rules);
  checkSignature(account, stringToSign(request, resource, rules), headers['x-emc-signature'] ?? '');
  return account;
}

function findAccount(uid: string | undefined, { accounts }: SignatureRules): AtmosAccount {
  const account = accounts.find((one) => one.uid === uid);
  if (!account) throw new AtmosError(1033);
  return account;
}

function checkTime(headers: EmulatedRequest['headers'], { nowMs, windowSeconds }: SignatureRules): void {
  const expires = headers['x-emc-expires'];
  if (expires !== undefined) {
    if (!(Number(expires) > nowMs())) throw new AtmosError(1031);
    return;
  }
  const sent = Date.parse(headers['x-emc-date'] ?? headers['date'] ?? '');
  if (!(Math.abs(sent - nowMs()) <= windowSeconds * 1000)) throw new AtmosError(1031);
}

function stringToSign(request: EmulatedRequest, resource: string, rules: SignatureRules): string {
  const { headers, method, rawQuery } = request;
  const path = lowerCase(decode(resource), rules);
  const extra = Object.keys(headers)
    .filter((name) => name.startsWith('x-emc-') && name !== 'x-emc-signature')
    .sort()
    .map((name) => `${name}:${(headers[name] ?? '').replaceAll('\n', '').replaceAll(/ +/g, ' ').trim()}`);
  const lines = [method, headers['content-type'] ?? '', headers['range'] ?? '', headers['date'] ?? ''];
  return [...lines, path + (rawQuery === '' ? '' : `?${decode(rawQuery).toLowerCase()}`), ...extra].join('\n');
}

/** A shareable URL: signed are the path, who and until when, and the name to save under. */
function authenticateUrl({ query }: EmulatedRequest, resource: string, rules: SignatureRules): AtmosAccount {
  const account = findAccount(query.get('uid'), rules);
  const expires = query.get('expires') ?? '';
  if (!(Number(expires) * 1000 > rules.nowMs())) throw new AtmosError(1031);
  const disposition = query.get('disposition');
  const lines = ['GET', lowerCase(decode(resource), rules), account.uid, expires];
  checkSignature(
    account,
    [...lines, ...(disposition === undefined ? [] : [disposition])].join('\n'),
    query.get('signature') ?? '',
  );
  return account;
}

function checkSignature({ secret }: AtmosAccount, text: string, given: string): void {
  const expected = createHmac('sha1', Buffer.from(secret, 'base64')).update(text, 'utf8').digest('base64');
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  if (left.length !== right.length || !timingSafeEqual(left, right)) throw new AtmosError(1032);
}

function lowerCase(text: string, { asciiLowerCase }: SignatureRules): string {
  return asciiLowerCase ? text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : text.toLowerCase();
}

/** Percent-decodes a path. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AtmosError(1002);
  }
}
