import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EmulatedRequest } from '../http-request.js';
import { NimbusError } from './errors.js';
import type { Quirks } from './quirks.js';
import { unquote, unquotePlus } from './text.js';

/** A customer and one of the keys that he has. */
export interface NimbusAccount {
  readonly user: string;
  readonly keyId: number;
  readonly key: string;
}

const SCHEME = 'NIMBUS.IO';
const MAX_SKEW_SECONDS = 600;

/** The path as the server sees it, which decodes it, escapes it again and leaves a `+` alone: decoded once more, that is a space. */
export function decodePath(rawPath: string, quirks: Quirks): string {
  const decoded = unquote(rawPath);
  return quirks.has('plus-in-keys') ? decoded.replaceAll('+', ' ') : decoded;
}

/** What a client has to sign: user, method, time, and path with query, decoded. */
export function stringToSign(
  { method, rawPath, rawQuery }: Pick<EmulatedRequest, 'method' | 'rawPath' | 'rawQuery'>,
  user: string,
  timestamp: string,
  quirks: Quirks,
): string {
  const query = rawQuery === '' ? '' : `?${unquotePlus(rawQuery)}`;
  return [user, method, timestamp, decodePath(rawPath, quirks) + query].join('\n');
}

/** True when the request is signed by `user`. False when it bears no credentials at all. Throws 401. */
export function isSigned(
  request: EmulatedRequest,
  user: string,
  rules: { readonly accounts: readonly NimbusAccount[]; readonly quirks: Quirks; nowMs(): number },
): boolean {
  const authorization = request.headers['authorization'];
  if (authorization === undefined) return false;
  const [scheme, credentials = ''] = authorization.split(' ');
  const [keyId, signature = ''] = credentials.split(':');
  const timestamp = request.headers['x-nimbus-io-timestamp'] ?? '';
  const account = rules.accounts.find((each) => String(each.keyId) === keyId && each.user === user);
  const isInTime = /^\d+$/.test(timestamp) && Math.abs(rules.nowMs() / 1000 - Number(timestamp)) <= MAX_SKEW_SECONDS;
  if (scheme !== SCHEME || !account || !isInTime || !/^[0-9a-fA-F]{64}$/.test(signature)) throw unauthorized();
  const text = stringToSign(request, user, timestamp, rules.quirks);
  const expected = createHmac('sha256', account.key).update(text).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) throw unauthorized();
  return true;
}

export function unauthorized(): NimbusError {
  return new NimbusError(
    401,
    'This server could not verify that you are authorized to access the document you requested.',
  );
}
