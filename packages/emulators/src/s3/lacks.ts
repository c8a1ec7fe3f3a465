import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { S3Error } from './errors.js';
import type { S3Operation } from './operations.js';

/**
 * What a service that calls itself S3-compatible may not have. Those of the field mostly ignore what they do not know, silently, and so
 * does an emulator that lacks it.
 */
export type S3Feature =
  /** `x-amz-checksum-*`: ignored, and not given back. */
  | 'checksums'
  /** Bodies in `aws-chunked`: refused with 501. */
  | 'aws-chunked'
  /** `If-Match` and `If-None-Match` of writes: ignored. */
  | 'write-conditions'
  /** The same only in buckets that keep versions, as Ceph 16 does. */
  | 'write-conditions-of-versions'
  /** `x-amz-copy-source-if-*`: ignored. */
  | 'copy-conditions'
  /** ListObjectsV2: answered as ListObjects. */
  | 'list-v2'
  /** `encoding-type` of listings: ignored. */
  | 'encoding-type'
  /** ETags that are the MD5 of the object: they are random. */
  | 'md5-etags'
  /** Server-side encryption: ignored. */
  | 'encryption'
  /** Tags of objects: refused with 501. */
  | 'tags'
  /** 409 for a bucket that is there: says 200, as Amazon does in us-east-1. */
  | 'bucket-conflicts';

/** Marks a request whose object shall have an ETag that is no MD5; no header from outside can have this name. */
export const OPAQUE_ETAG = ':opaque-etag';

/** The request as a service sees it that lacks features. Its signature was checked before. */
export function withoutFeatures(
  request: EmulatedRequest,
  operation: S3Operation,
  lacks: ReadonlySet<S3Feature>,
  keepsVersions: boolean,
): EmulatedRequest {
  if (lacks.size === 0) return request;
  if (lacks.has('tags') && (operation === 'ObjectTagging' || 'x-amz-tagging' in request.headers)) throw unknown();
  if (lacks.has('aws-chunked') && request.headers['x-amz-content-sha256']?.startsWith('STREAMING-') === true)
    throw unknown();
  const isDropped = droppedHeaders(operation, lacks, keepsVersions);
  const headers: Record<string, string> = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !isDropped(name)),
  );
  if (lacks.has('md5-etags')) headers[OPAQUE_ETAG] = '1';
  const query = new Map(request.query);
  if (lacks.has('list-v2')) for (const name of ['list-type', 'start-after', 'continuation-token']) query.delete(name);
  if (lacks.has('encoding-type')) query.delete('encoding-type');
  return { ...request, headers, query };
}

function unknown(): S3Error {
  return new S3Error(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented');
}

function droppedHeaders(
  operation: S3Operation,
  lacks: ReadonlySet<S3Feature>,
  keepsVersions: boolean,
): (name: string) => boolean {
  const isRead = operation === 'GetObject' || operation === 'HeadObject';
  const dropsConditions = lacks.has('write-conditions') || (lacks.has('write-conditions-of-versions') && keepsVersions);
  return (name) =>
    (lacks.has('checksums') && name.startsWith('x-amz-checksum-')) ||
    (dropsConditions && !isRead && (name === 'if-match' || name === 'if-none-match')) ||
    (lacks.has('copy-conditions') && name.startsWith('x-amz-copy-source-if-')) ||
    (lacks.has('encryption') && name.includes('server-side-encryption'));
}

/** The answer without what such a service would not tell. */
export function answerWithout(answer: EmulatedResponse, lacks: ReadonlySet<S3Feature>): EmulatedResponse {
  if (lacks.size === 0) return answer;
  const headers = Object.entries(answer.headers ?? {}).filter(
    ([name]) =>
      !(lacks.has('checksums') && name.startsWith('x-amz-checksum-')) &&
      !(lacks.has('encryption') && name.includes('server-side-encryption')),
  );
  const { body } = answer;
  const shown =
    lacks.has('checksums') && typeof body === 'string'
      ? body.replaceAll(/<(Checksum[A-Z0-9a-z]+)>[^<]*<\/\1>/g, '')
      : body;
  return { ...answer, headers: Object.fromEntries(headers), ...(shown !== undefined && { body: shown }) };
}
