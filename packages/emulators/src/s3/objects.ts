import { randomBytes } from 'node:crypto';
import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { checkDigests } from './checksums.js';
import { checkRead, checkWrite } from './conditions.js';
import { preconditionFailed, S3Error } from './errors.js';
import { OPAQUE_ETAG } from './lacks.js';
import type { Payload } from './payload.js';
import { type Bucket, md5Hex, type StoredVersion, type Upload } from './store.js';

type Headers = Readonly<Record<string, string>>;

/** Headers that are kept with an object and sent back when it is read. */
const KEPT = [
  'content-type',
  'content-encoding',
  'content-disposition',
  'content-language',
  'cache-control',
  'expires',
];
const KEPT_AMZ = [
  'x-amz-website-redirect-location',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
];
const MAX_METADATA_BYTES = 2048;

/** What a put, a copy or an upload keeps of its request beside the bytes. */
export type Attributes = Pick<Upload, 'headers' | 'tags' | 'storageClass' | 'customerKeyMd5' | 'hasOpaqueEtag'>;

export function readAttributes(headers: Headers): Attributes {
  const kept = [...KEPT, ...KEPT_AMZ]
    .filter((name) => headers[name] !== undefined)
    .map((name) => [name, headers[name] as string]);
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  const bytes = metadata.reduce(
    (sum, [name, value]) => sum + name.length - 'x-amz-meta-'.length + Buffer.byteLength(value, 'latin1'),
    0,
  );
  if (bytes > MAX_METADATA_BYTES)
    throw new S3Error(400, 'MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size');
  const encoding = headers['content-encoding']?.replace(/^aws-chunked,?\s*/, '');
  const all = Object.fromEntries([['content-type', 'binary/octet-stream'], ...kept, ...metadata]) as Record<
    string,
    string
  >;
  delete all['content-encoding'];
  return {
    headers: encoding === undefined || encoding === '' ? all : { ...all, 'content-encoding': encoding },
    tags: new Map(new URLSearchParams(headers['x-amz-tagging'] ?? '')),
    storageClass: headers['x-amz-storage-class'] ?? 'STANDARD',
    hasOpaqueEtag: OPAQUE_ETAG in headers,
    customerKeyMd5: headers['x-amz-server-side-encryption-customer-key-md5'],
  };
}

/** Encrypted objects have an ETag that is not the MD5 of their bytes. */
export function etagFor(attributes: Attributes, body: Buffer): string {
  const isOpaque =
    attributes.hasOpaqueEtag === true ||
    attributes.customerKeyMd5 !== undefined ||
    attributes.headers['x-amz-server-side-encryption'] === 'aws:kms';
  return isOpaque ? randomBytes(16).toString('hex') : md5Hex(body);
}

export function putObject(bucket: Bucket, key: string, payload: Payload, nowMs: number): EmulatedResponse {
  const { body, headers } = payload;
  const checksum = checkDigests(body, headers);
  checkWrite(key, bucket.latest(key), headers);
  const attributes = readAttributes(headers);
  const etag = etagFor(attributes, body);
  const version = {
    key,
    versionId: bucket.newVersionId(),
    isDeleteMarker: false,
    body,
    etag,
    modifiedAtMs: nowMs,
    checksum,
    ...attributes,
  };
  bucket.write(version);
  return { status: 200, headers: { etag: `"${etag}"`, ...writtenHeaders(bucket, version) } };
}

/** Headers that tell how an object, or one that is begun, is encrypted. */
export function encryptionHeaders({
  headers,
  customerKeyMd5,
}: Pick<Attributes, 'headers' | 'customerKeyMd5'>): Record<string, string | undefined> {
  return {
    'x-amz-server-side-encryption':
      headers['x-amz-server-side-encryption'] ?? (customerKeyMd5 === undefined ? 'AES256' : undefined),
    'x-amz-server-side-encryption-customer-key-md5': customerKeyMd5,
    'x-amz-server-side-encryption-customer-algorithm': customerKeyMd5 === undefined ? undefined : 'AES256',
  };
}

/** Headers that tell of a write. */
export function writtenHeaders(bucket: Bucket, version: StoredVersion): Record<string, string | undefined> {
  return {
    'x-amz-version-id': bucket.versioning === 'Off' ? undefined : version.versionId,
    ...checksumHeaders(version),
    ...encryptionHeaders(version),
  };
}

function checksumHeaders({ checksum }: StoredVersion): Record<string, string> {
  if (!checksum) return {};
  const type = checksum.value.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT';
  return { [`x-amz-checksum-${checksum.name}`]: checksum.value, 'x-amz-checksum-type': type };
}

/** GET and HEAD: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export function readObject(bucket: Bucket, key: string, request: EmulatedRequest): EmulatedResponse {
  const version = bucket.find(key, request.query.get('versionId'));
  checkCustomerKey(version, request.headers);
  checkRead(version, request.headers);
  const range = readRange(request.headers['range'], version.body.length);
  const wantsChecksum = request.headers['x-amz-checksum-mode'] === 'ENABLED' && !range;
  const { headers, storageClass, tags, body } = version;
  const overrides = [...request.query].filter(([name]) => name.startsWith('response-'));
  return {
    status: range ? 206 : 200,
    headers: {
      'accept-ranges': 'bytes',
      'last-modified': new Date(version.modifiedAtMs).toUTCString(),
      etag: `"${version.etag}"`,
      ...headers,
      ...Object.fromEntries(overrides.map(([name, value]) => [name.slice('response-'.length), value])),
      'x-amz-storage-class': storageClass === 'STANDARD' ? undefined : storageClass,
      'x-amz-tagging-count': tags.size > 0 ? tags.size : undefined,
      ...withoutChecksum(writtenHeaders(bucket, version)),
      ...(wantsChecksum ? checksumHeaders(version) : {}),
      'content-range': range
        ? `bytes ${String(range.start)}-${String(range.end - 1)}/${String(body.length)}`
        : undefined,
    },
    body: range ? body.subarray(range.start, range.end) : body,
  };
}

function withoutChecksum(headers: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('x-amz-checksum-')));
}

export function checkCustomerKey(
  version: Pick<StoredVersion, 'customerKeyMd5'>,
  headers: Headers,
  prefix = 'x-amz-',
): void {
  const given = headers[`${prefix}server-side-encryption-customer-key-md5`];
  if (given === version.customerKeyMd5) return;
  if (given === undefined) {
    throw new S3Error(
      400,
      'InvalidRequest',
      'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    );
  }
  throw new S3Error(403, 'AccessDenied', 'The provided encryption key does not match.');
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** One range; anything else is ignored, as RFC 9110 allows and S3 does. */
function readRange(header: string | undefined, size: number): Range | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start < size && !(first === '' && Number(last) === 0)) return start < end ? { start, end } : undefined;
  throw new S3Error(
    416,
    'InvalidRange',
    'The requested range is not satisfiable',
    { ActualObjectSize: String(size) },
    { 'content-range': `bytes */${String(size)}` },
  );
}

/** Deletes the latest (or leaves a marker) or one version, as API_DeleteObject says; a missing object is no error. */
export function deleteObject(
  bucket: Bucket,
  key: string,
  request: { readonly versionId?: string | undefined; readonly ifMatch?: string | undefined; readonly nowMs: number },
): {
  readonly versionId: string | undefined;
  readonly isDeleteMarker: boolean;
} {
  const { versionId, ifMatch, nowMs } = request;
  const current = bucket.latest(key);
  if (ifMatch !== undefined && (!current || (ifMatch !== '*' && ifMatch.replaceAll('"', '') !== current.etag)))
    throw preconditionFailed('If-Match');
  if (versionId !== undefined)
    return { versionId, isDeleteMarker: bucket.removeVersion(key, versionId)?.isDeleteMarker ?? false };
  if (bucket.versioning === 'Off') {
    bucket.removeVersion(key, 'null');
    return { versionId: undefined, isDeleteMarker: false };
  }
  const marker: StoredVersion = {
    ...{
      key,
      versionId: bucket.newVersionId(),
      isDeleteMarker: true,
      body: Buffer.alloc(0),
      etag: '',
      modifiedAtMs: nowMs,
    },
    ...{ headers: {}, tags: new Map(), storageClass: 'STANDARD', checksum: undefined, customerKeyMd5: undefined },
  };
  bucket.write(marker);
  return { versionId: marker.versionId, isDeleteMarker: true };
}
