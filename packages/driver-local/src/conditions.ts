import {
  type ByteRange,
  type ContentRange,
  type ObjectRef,
  type ReadConditions,
  StorageError,
  type WriteConditions,
} from '@stowage/core/spi';
import { objectExists, objectNotFound, preconditionFailed } from './errors.js';

/** What conditions are compared with. */
export interface Version {
  readonly etag: string;
  readonly modifiedAtMs: number;
}

const matches = (etag: string, wanted: string): boolean => wanted === '*' || wanted === etag;

/** Throws `precondition-failed` or `not-modified`. An etag, where given, decides alone; times are asked otherwise (RFC 9110, 13.2.2). */
export function checkReadable(ref: ObjectRef, version: Version, conditions: ReadConditions): void {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(version.etag, ifMatch)) throw preconditionFailed('ifMatch', ref);
  } else if (ifUnmodifiedSinceMs !== undefined && version.modifiedAtMs > ifUnmodifiedSinceMs) {
    throw preconditionFailed('ifUnmodifiedSinceMs', ref);
  }
  if (ifNoneMatch !== undefined) {
    if (matches(version.etag, ifNoneMatch)) throw notModified(ref);
  } else if (ifModifiedSinceMs !== undefined && version.modifiedAtMs <= ifModifiedSinceMs) {
    throw notModified(ref);
  }
}

/** `etag` is that of what stands under the key. Throws `object-exists`, `precondition-failed` and `object-not-found`. */
export function checkWritable(ref: ObjectRef, etag: string | undefined, conditions: WriteConditions): void {
  if (conditions.ifNoneMatch === '*' && etag !== undefined) throw objectExists(ref);
  if (conditions.ifMatch === undefined) return;
  if (etag === undefined) throw objectNotFound(ref);
  if (!matches(etag, conditions.ifMatch)) throw preconditionFailed('ifMatch', ref);
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

function notModified({ container, key }: ObjectRef): StorageError {
  return new StorageError('not-modified', `Object "${key}" was not modified.`, { container, key });
}
