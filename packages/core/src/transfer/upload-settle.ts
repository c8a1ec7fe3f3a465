import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { ObjectRecord, ObjectRef } from '../spi/records.js';
import type { PutResult } from '../spi/requests.js';
import type { TransferContext } from './transfer-context.js';
import type { UploadResult } from './upload-options.js';
import { type SentBody, verifyStored } from './verify.js';

/**
 * Compares the stored object with what was sent, and tells how far. An object that was stored damaged is removed again where the
 * store can be told to delete only this version. Throws `checksum-mismatch`.
 */
export function settle(
  to: TransferContext,
  ref: ObjectRef,
  { record, verified }: PutResult,
  sent: SentBody,
): UploadResult | Promise<never> {
  try {
    return { record, verified: verifyStored(record, sent, verified === 'service') };
  } catch (error) {
    if (!isStorageError(error, 'checksum-mismatch')) throw error;
    return discard(to, ref, record, error).then((failure) => Promise.reject(failure));
  }
}

async function discard(
  to: TransferContext,
  ref: ObjectRef,
  { etag }: ObjectRecord,
  error: StorageError,
): Promise<StorageError> {
  const { driver, caller } = to;
  const subject = { operation: 'put', container: ref.container, key: ref.key };
  const left = `${error.message} It was left there; store it again, or delete it.`;
  if (etag === undefined || !driver.capabilities.delete.conditions.includes('ifMatch')) {
    return new StorageError('checksum-mismatch', left);
  }
  try {
    await caller.run({ ...subject, changes: true }, {}, (ctx) => driver.delete(ref, { ifMatch: etag }, ctx));
    return new StorageError('checksum-mismatch', `${error.message} It was removed again.`);
  } catch (cleanUpError) {
    return withCleanUpError(caller.dress(new StorageError('checksum-mismatch', left), subject), cleanUpError);
  }
}

/** Says on the error that the user sees that cleaning up failed as well. */
export function withCleanUpError(error: StorageError, cleanUpError: unknown): StorageError {
  error.cleanUpError = cleanUpError;
  return error;
}
