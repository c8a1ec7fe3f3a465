import type { CallOptions } from '../call/scope.js';
import { sleep } from '../call/waiting.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import { COPY_IN_PARTS, type CopyGroup } from '../spi/groups.js';
import type { CopiedRecord, ObjectRef } from '../spi/records.js';
import type { CopyRequest, CopyResult } from '../spi/requests.js';
import { canCopyInParts, copyInParts, type CopyInPartsOptions } from '../transfer/copy-parts.js';
import type { Session } from './session.js';

/** Calls in a row of one copy that may bring nothing, where the store does not ask to wait. */
const MAX_IDLE_CALLS = 8;

/** A copy whose bytes do not leave the store. */
export interface InsideCopy {
  readonly session: Session;
  readonly from: ObjectRef;
  readonly to: ObjectRef;
  readonly operation: string;
  readonly call: CallOptions;
  readonly tuning?: CopyInPartsOptions | undefined;
}

/**
 * Copies inside the store by one call, or in parts where the object is too large for one. Undefined, with nothing done, when the store
 * can do neither.
 */
export async function copyInside(
  job: InsideCopy,
  request: CopyRequest,
): Promise<{ readonly record: CopiedRecord } | undefined> {
  const { session, from, to, call, tuning } = job;
  const { driver } = session;
  const group = driver.copy;
  if (!group) return undefined;
  try {
    return await copyToEnd(job, group, request);
  } catch (error) {
    // The size is asked only when the store refused.
    if (!(await mustGoInParts(job, error))) throw error;
    if (!canCopyInParts(session)) return undefined;
    return copyInParts(session, from, to, request, { ...tuning, ...call });
  }
}

/** Makes as many calls as the store needs, each with retries of its own, within one deadline. */
async function copyToEnd(
  { session, from, to, operation, call, tuning }: InsideCopy,
  group: CopyGroup,
  request: CopyRequest,
): Promise<CopyResult> {
  const { caller } = session;
  const subject = { operation, container: to.container, key: to.key, changes: true };
  const shared = caller.share(call);
  let token: string | undefined;
  let [copiedBytes, idle] = [0, 0];
  try {
    for (;;) {
      const step = token === undefined ? request : { ...request, token };
      const result = await caller.run(subject, shared.options, (ctx) => group.copy(from, to, step, ctx));
      if (result.next === undefined) return result;
      const { waitMs = 0 } = result;
      idle = waitMs > 0 || (result.copiedBytes ?? copiedBytes + 1) > copiedBytes ? 0 : idle + 1;
      if (idle > MAX_IDLE_CALLS) {
        const message = `The store made no progress in copying "${from.key}" in ${String(idle)} calls.`;
        throw caller.dress(new StorageError('unavailable', message, { retryable: false }), subject);
      }
      copiedBytes = result.copiedBytes ?? copiedBytes;
      tuning?.onProgress?.({ transferred: copiedBytes, total: result.record.size });
      if (waitMs > 0 && !shared.signal.aborted) await sleep(waitMs, shared.signal);
      token = result.next;
    }
  } finally {
    shared.end();
  }
}

async function mustGoInParts({ session, from, operation, call }: InsideCopy, error: unknown): Promise<boolean> {
  if (isStorageError(error, 'unsupported') && error.providerCode === COPY_IN_PARTS) return true;
  const { maxBytes } = session.driver.capabilities.copy ?? { maxBytes: Infinity };
  const codes = ['invalid-argument', 'unsupported', 'unknown'] as const;
  if (maxBytes === Infinity || !codes.some((code) => isStorageError(error, code))) return false;
  const subject = { operation, container: from.container, key: from.key };
  const record = await session.caller.run(subject, call, (ctx) => session.driver.stat(from, {}, ctx));
  return record.size > maxBytes;
}
