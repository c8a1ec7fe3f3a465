import type { EmulatedRequest } from '../http-request.js';
import { DOCUMENTS } from './buckets.js';
import { S3Error } from './errors.js';

/** Where a request goes; a missing bucket is the service itself. */
export interface Target {
  readonly bucket: string | undefined;
  readonly key: string | undefined;
}

/** Bucket and key, by path or by host name. The path is taken as it was sent. */
export function targetOf(request: EmulatedRequest, domains: readonly string[]): Target {
  const host = (request.headers['host'] ?? '').replace(/:\d+$/, '');
  const domain = domains.find((name) => host.endsWith(`.${name}`));
  const path = request.rawPath.slice(1);
  if (domain !== undefined)
    return { bucket: host.slice(0, -domain.length - 1), key: path === '' ? undefined : decode(path) };
  const slash = path.indexOf('/');
  const bucket = decode(slash < 0 ? path : path.slice(0, slash));
  const key = slash < 0 ? '' : path.slice(slash + 1);
  return { bucket: bucket === '' ? undefined : bucket, key: key === '' ? undefined : decode(key) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

export type S3Operation = ReturnType<typeof operationOf>;

/** AWS's name of the call; sub-resources that the emulator keeps as text are one operation. */
export function operationOf({ method, query, headers }: EmulatedRequest, { bucket, key }: Target) {
  if (method === 'OPTIONS') return 'Preflight';
  if (bucket === undefined) return 'ListBuckets';
  return key === undefined ? bucketOperation(method, query) : objectOperation(method, query, headers);
}

function bucketOperation(method: string, query: ReadonlyMap<string, string>) {
  if (Object.keys(DOCUMENTS).some((name) => query.has(name))) return 'BucketDocument';
  if (query.has('versioning')) return 'BucketVersioning';
  if (query.has('location')) return 'GetBucketLocation';
  if (query.has('versions')) return 'ListObjectVersions';
  if (query.has('uploads')) return 'ListMultipartUploads';
  if (method === 'POST') return query.has('delete') ? 'DeleteObjects' : 'PostObject';
  if (method === 'PUT') return 'CreateBucket';
  if (method === 'DELETE') return 'DeleteBucket';
  return method === 'HEAD' ? 'HeadBucket' : 'ListObjects';
}

function objectOperation(
  method: string,
  query: ReadonlyMap<string, string>,
  headers: Readonly<Record<string, string>>,
) {
  if (query.has('tagging')) return 'ObjectTagging';
  if (query.has('uploads') && method === 'POST') return 'CreateMultipartUpload';
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  if (query.has('uploadId')) {
    if (method === 'PUT') return isCopy ? 'UploadPartCopy' : 'UploadPart';
    if (method === 'POST') return 'CompleteMultipartUpload';
    return method === 'DELETE' ? 'AbortMultipartUpload' : 'ListParts';
  }
  if (method === 'PUT') return isCopy ? 'CopyObject' : 'PutObject';
  if (method === 'DELETE') return 'DeleteObject';
  return method === 'HEAD' ? 'HeadObject' : 'GetObject';
}
