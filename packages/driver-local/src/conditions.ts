import { type ObjectRef, preconditionFailed, type WriteConditions } from '@stowage/core/spi';
import { objectExists, objectNotFound } from './errors.js';

const matches = (etag: string, wanted: string): boolean => wanted === '*' || wanted === etag;

/** `etag` is that of what stands under the key. Throws `object-exists`, `precondition-failed` and `object-not-found`. */
export function checkWritable(ref: ObjectRef, etag: string | undefined, conditions: WriteConditions): void {
  if (conditions.ifNoneMatch === '*' && etag !== undefined) throw objectExists(ref);
  if (conditions.ifMatch === undefined) return;
  if (etag === undefined) throw objectNotFound(ref);
  if (!matches(etag, conditions.ifMatch)) throw preconditionFailed('ifMatch', ref);
}
