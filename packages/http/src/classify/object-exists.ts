import { isStorageError, StorageError, type WriteConditions } from '@stowage/core/spi';

/** A create-only write whose condition failed did so because the object is there; any other error is given back as it is. */
export function asObjectExists(error: unknown, { ifNoneMatch }: WriteConditions): unknown {
  if (ifNoneMatch === undefined || !isStorageError(error, 'precondition-failed') || error.retryable) return error;
  const { status, providerCode, requestId } = error;
  return new StorageError('object-exists', 'An object of this name exists already.', {
    ...{ status, providerCode, requestId },
    cause: error,
  });
}
