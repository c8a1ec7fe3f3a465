import { StorageError } from '../errors/storage-error.js';
import type { ObjectRef } from './records.js';
import type { ByteRange, ContentRange, ReadConditions, WriteConditions } from './requests.js';

/** What conditions are compared with; a fact that is missing meets none but `*`. */
export interface ComparedVersion {
  readonly etag?: string | undefined;
  readonly modifiedAtMs?: number | undefined;
}

const matches = (etag: string | undefined, wanted: string): boolean => wanted === '*' || wanted === etag;

/**
 * For drivers whose store does not check conditions itself. Throws `precondition-failed` or `not-modified`. An etag, where given, decides
 * alone; times are asked otherwise (RFC 9110, 13.2.2).
 */
export function checkReadable(ref: ObjectRef, version: ComparedVersion, conditions: ReadConditions): void {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs } = conditions;
  const { etag, modifiedAtMs } = version;
  if (ifMatch !== undefined) {
    if (!matches(etag, ifMatch)) throw preconditionFailed('ifMatch', ref);
  } else if (ifUnmodifiedSinceMs !== undefined && !((modifiedAtMs ?? NaN) <= ifUnmodifiedSinceMs)) {
    throw preconditionFailed('ifUnmodifiedSinceMs', ref);
  }
  if (ifNoneMatch !== undefined) {
    if (matches(etag, ifNoneMatch)) throw notModified(ref);
  } else if (ifModifiedSinceMs !== undefined && modifiedAtMs !== undefined && modifiedAtMs <= ifModifiedSinceMs) {
    throw notModified(ref);
  }
}

/**
 * For drivers whose store does not check conditions itself; `etag` is that of what stands under the key. Throws `object-exists`,
 * `precondition-failed` and `object-not-found`.
 */
export function checkWritable(ref: ObjectRef, etag: string | undefined, conditions: WriteConditions): void {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifNoneMatch === '*' && etag !== undefined) throw objectExists(ref);
  if (ifMatch === undefined) return;
  if (etag === undefined) throw objectNotFound(ref);
  if (!matches(etag, ifMatch)) throw preconditionFailed('ifMatch', ref);
}

/** Places a range in an object of `size` bytes, cut to its end. Throws `range-not-satisfiable` when no byte is in it. */
export function placeRange(ref: ObjectRef, range: ByteRange | undefined, size: number): ContentRange {
  if (!range) return { start: 0, end: size };
  const start = range.suffix === undefined ? range.start : Math.max(0, size - range.suffix);
  const end = Math.min(size, range.end ?? size);
  if (start < end) return { start, end };
  const message = `Object "${ref.key}" has ${size} bytes; none of them is in the range that was asked for.`;
  throw new StorageError('range-not-satisfiable', message, { container: ref.container, key: ref.key });
}

export function preconditionFailed(condition: string, { container, key }: ObjectRef): StorageError {
  return new StorageError('precondition-failed', `Object "${key}" does not meet "${condition}".`, { container, key });
}

function objectExists({ container, key }: ObjectRef): StorageError {
  const message = `There is already an object "${key}" in container "${container}".`;
  return new StorageError('object-exists', message, { container, key });
}

export function objectNotFound({ container, key, versionId }: ObjectRef): StorageError {
  const what = versionId === undefined ? `object "${key}"` : `version "${versionId}" of object "${key}"`;
  return new StorageError('object-not-found', `There is no ${what} in container "${container}".`, { container, key });
}

function notModified({ container, key }: ObjectRef): StorageError {
  return new StorageError('not-modified', `Object "${key}" was not modified.`, { container, key });
}
