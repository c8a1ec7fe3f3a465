import { isReseller } from './authorize.js';
import type { Call, Layer } from './call.js';
import { authorizeWrite, containerOf } from './containers.js';
import { htmlError, SwiftError } from './errors.js';

/** Limits of containers and accounts; an account's is set by a reseller's administrator only. */
export const quotas: Layer = (call, next) => {
  if (call.method === 'PUT' && call.object !== undefined) checkUpload(call);
  else if (call.method === 'PUT' || call.method === 'POST') checkNewLimits(call);
  return next(call);
};

function checkNewLimits(call: Call): void {
  const { headers, container } = call;
  const isBad = (value: string | undefined): boolean => value !== undefined && !/^\d*$/.test(value);
  if (container === undefined) {
    const names = ['x-account-meta-quota-bytes', 'x-remove-account-meta-quota-bytes'];
    if (names.some((name) => name in headers) && !isReseller(call)) throw new SwiftError(403);
    return;
  }
  if (isBad(headers['x-container-meta-quota-bytes'])) throw htmlError(400, 'Invalid bytes quota.');
  if (isBad(headers['x-container-meta-quota-count'])) throw htmlError(400, 'Invalid count quota.');
}

function checkUpload(call: Call): void {
  const container = containerOf(call);
  if (!container) return;
  const size = call.body.length ?? 0;
  const account = call.site.store.account(call.account, call.site.nowMs());
  const used = [...account.containers.values()].reduce((total, { bytesUsed }) => total + bytesUsed, 0);
  const isOver =
    exceeds(container.headers.get('x-container-meta-quota-bytes'), container.bytesUsed + size) ||
    exceeds(container.headers.get('x-container-meta-quota-count'), container.objectCount + 1) ||
    exceeds(account.headers.get('x-account-meta-quota-bytes'), used + size);
  if (!isOver) return;
  authorizeWrite(call);
  throw htmlError(413, 'Upload exceeds quota.');
}

function exceeds(limit: string | undefined, value: number): boolean {
  return limit !== undefined && /^\d+$/.test(limit) && value > Number(limit);
}
