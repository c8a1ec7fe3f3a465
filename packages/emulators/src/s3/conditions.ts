import { noSuchKey, preconditionFailed, S3Error } from './errors.js';
import type { StoredVersion } from './store.js';

type Headers = Readonly<Record<string, string>>;

function matches(condition: string, etag: string): boolean {
  return condition
    .split(',')
    .some((item) => item.trim() === '*' || item.trim().replace(/^W\//, '').replaceAll('"', '') === etag);
}

/** Conditional reads; throws 304 or 412. `prefix` is `x-amz-copy-source-` for the source of a copy. */
export function checkRead(version: StoredVersion, headers: Headers, prefix = ''): void {
  const { etag, modifiedAtMs } = version;
  const seconds = Math.floor(modifiedAtMs / 1000) * 1000;
  const ifMatch = headers[`${prefix}if-match`];
  if (ifMatch !== undefined && !matches(ifMatch, etag)) throw preconditionFailed('If-Match');
  const unmodified = headers[`${prefix}if-unmodified-since`];
  if (ifMatch === undefined && unmodified !== undefined && seconds > Date.parse(unmodified))
    throw preconditionFailed('If-Unmodified-Since');
  const notModified =
    prefix === ''
      ? new S3Error(304, 'NotModified', undefined, {}, { etag: `"${etag}"` })
      : preconditionFailed('If-None-Match');
  const ifNoneMatch = headers[`${prefix}if-none-match`];
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) throw notModified;
  const since = headers[`${prefix}if-modified-since`];
  if (ifNoneMatch === undefined && since !== undefined && seconds <= Date.parse(since)) throw notModified;
}

/** Conditional writes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export function checkWrite(key: string, current: StoredVersion | undefined, headers: Headers): void {
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Error(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented', {
      Header: 'If-None-Match',
    });
  }
  if (ifNoneMatch !== undefined && current) throw preconditionFailed('If-None-Match');
  const ifMatch = headers['if-match'];
  if (ifMatch === undefined) return;
  if (!current) throw noSuchKey(key);
  if (!matches(ifMatch, current.etag)) throw preconditionFailed('If-Match');
}
