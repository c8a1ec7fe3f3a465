import { StorageError } from '../errors/storage-error.js';
import type { ObjectRef } from '../spi/records.js';
import { preconditionFailed } from '../spi/conditions.js';
import type { WriteConditions } from '../spi/requests.js';
import { objectNotFound } from './errors.js';
import type { StoredVersion } from './stored-version.js';

const matches = (etag: string, wanted: string): boolean => wanted === '*' || wanted === etag;

/** `current` is what stands under the key. Throws `object-exists`, `precondition-failed` and `object-not-found`. */
export function checkWritable(ref: ObjectRef, current: StoredVersion | undefined, conditions: WriteConditions): void {
  if (conditions.ifNoneMatch === '*' && current) {
    const message = `There is already an object "${ref.key}" in container "${ref.container}".`;
    throw new StorageError('object-exists', message, { container: ref.container, key: ref.key });
  }
  if (conditions.ifMatch === undefined) return;
  if (!current) throw objectNotFound(ref);
  if (!matches(current.etag, conditions.ifMatch)) throw preconditionFailed('ifMatch', ref);
}
