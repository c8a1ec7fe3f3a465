import type { CallOptions } from '../call/scope.js';
import { isStorageError } from '../errors/storage-error.js';
import { COPY_IN_PARTS } from '../spi/groups.js';
import type { CopiedRecord, ObjectRef } from '../spi/records.js';
import type { CopyRequest } from '../spi/requests.js';
import { canCopyInParts, copyInParts, type CopyInPartsOptions } from '../transfer/copy-parts.js';
import type { Session } from './session.js';

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
  const { session, from, to, operation, call, tuning } = job;
  const { driver, caller } = session;
  const group = driver.copy;
  if (!group) return undefined;
  const subject = { operation, container: to.container, key: to.key, changes: true };
  try {
    return await caller.run(subject, call, (ctx) => group.copy(from, to, request, ctx));
  } catch (error) {
    // The size is asked only when the store refused.
    if (!(await mustGoInParts(job, error))) throw error;
    if (!canCopyInParts(session)) return undefined;
    return copyInParts(session, from, to, request, { ...tuning, ...call });
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
