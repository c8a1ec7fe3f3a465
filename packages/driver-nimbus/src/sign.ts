import { createHmac } from 'node:crypto';
import type { Identity } from './auth.js';

/** Percent-decodes as Python's `unquote_plus`, which is how the server reads path and query before it signs them. */
function unquotePlus(target: string): string {
  return /[%+]/.test(target) ? decodeURIComponent(target.replaceAll('+', ' ')) : target;
}

/** Hexadecimal HMAC-SHA-256 over user, method, time, and path with query, decoded. `target` is the last as it is sent. */
export function signature(
  { user, key }: Pick<Identity, 'user' | 'key'>,
  request: { readonly method: string; readonly target: string; readonly timestampSeconds: number },
): string {
  const { method, target, timestampSeconds } = request;
  const text = `${user}\n${method}\n${String(timestampSeconds)}\n${unquotePlus(target)}`;
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Header names and values in turn. */
export function signedHeaders(
  identity: Identity,
  request: { readonly method: string; readonly target: string; readonly timestampSeconds: number },
): string[] {
  const authorization = `NIMBUS.IO ${identity.keyId}:${signature(identity, request)}`;
  return ['authorization', authorization, 'x-nimbus-io-timestamp', String(request.timestampSeconds)];
}
