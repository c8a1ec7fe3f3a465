import {
  type Checksum,
  type CreateContainerRequest,
  type DeleteRequest,
  digestOf,
  type ErrorCode,
  type ListContainersRequest,
  type ListRequest,
  type ObjectRef,
  type PutAttributes,
  type ReadConditions,
  type ReadRequest,
  StorageError,
  type UploadRef,
  type WriteConditions,
} from '@stowage/core/spi';
import {
  EMPTY_SHA256,
  encodeMetadataValue,
  escapeUri,
  escapeXml,
  hexToBase64,
  httpDate,
  queryString,
  rangeHeader,
  sha256OfBytes,
  type WireRequest,
} from '@stowage/http';
import { providerHeaders } from './provider-options.js';

/** A request before it is addressed and signed. */
export interface S3Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  /** Empty, or begins with `?`. */
  readonly query: string;
  /** Names in lower case and values in turn. */
  readonly headers: string[];
  readonly want: WireRequest['want'];
  /** SHA-256 of the body in hexadecimal, or a word of the scheme. */
  readonly contentHash: string;
  readonly body?: Buffer | undefined;
  /** What a 404 without a body means. */
  readonly notFound: ErrorCode;
  /** For calls over which a service thinks long before it answers. Milliseconds. */
  readonly headersTimeoutMs?: number | undefined;
}

/** For copies and completions of uploads: some services answer only when all the work is done. */
export const SLOW_CALL_MS = 10 * 60 * 1000;

type Headers = string[];

export function call(
  method: S3Call['method'],
  bucket: string | undefined,
  key: string | undefined,
  query = '',
  headers: Headers = [],
  want: S3Call['want'] = 'bytes',
): S3Call {
  const notFound = key === undefined ? 'container-not-found' : 'object-not-found';
  return { method, bucket, key, query, headers, want, contentHash: EMPTY_SHA256, notFound };
}

function quote(etag: string): string {
  return etag === '*' ? etag : `"${etag}"`;
}

function addReadConditions(headers: Headers, conditions: ReadConditions): void {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs } = conditions;
  if (ifMatch !== undefined) headers.push('if-match', quote(ifMatch));
  if (ifNoneMatch !== undefined) headers.push('if-none-match', quote(ifNoneMatch));
  if (ifModifiedSinceMs !== undefined) headers.push('if-modified-since', httpDate(ifModifiedSinceMs));
  if (ifUnmodifiedSinceMs !== undefined) headers.push('if-unmodified-since', httpDate(ifUnmodifiedSinceMs));
}

/** `bare` leaves the quotes out, for services that compare the header as text. */
export function addWriteConditions(headers: Headers, { ifMatch, ifNoneMatch }: WriteConditions, bare: boolean): void {
  if (ifMatch !== undefined) headers.push('if-match', bare ? ifMatch : quote(ifMatch));
  if (ifNoneMatch !== undefined) headers.push('if-none-match', ifNoneMatch);
}

function versionQuery(ref: ObjectRef): string {
  return ref.versionId === undefined ? '' : queryString('versionId', ref.versionId);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export function readRequest(ref: ObjectRef, request: ReadRequest, asksChecksum: boolean): S3Call {
  const headers: Headers = [];
  if (request.range) headers.push('range', rangeHeader(request.range));
  else if (asksChecksum) headers.push('x-amz-checksum-mode', 'ENABLED');
  addReadConditions(headers, request);
  headers.push(...providerHeaders('read', request.provider));
  return call('GET', ref.container, ref.key, versionQuery(ref), headers, request.want);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export function statRequest(
  ref: ObjectRef,
  conditions: ReadConditions & Pick<ReadRequest, 'provider'>,
  asksChecksum: boolean,
): S3Call {
  const headers: Headers = asksChecksum ? ['x-amz-checksum-mode', 'ENABLED'] : [];
  addReadConditions(headers, conditions);
  headers.push(...providerHeaders('read', conditions.provider));
  return call('HEAD', ref.container, ref.key, versionQuery(ref), headers);
}

/** Headers for what is stored beside the bytes. */
export function addAttributes(headers: Headers, attributes: PutAttributes): void {
  const { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl } = attributes;
  if (contentType !== undefined) headers.push('content-type', contentType);
  if (contentEncoding !== undefined) headers.push('content-encoding', contentEncoding);
  if (contentDisposition !== undefined) headers.push('content-disposition', contentDisposition);
  if (contentLanguage !== undefined) headers.push('content-language', contentLanguage);
  if (cacheControl !== undefined) headers.push('cache-control', cacheControl);
  if (attributes.storageClass !== undefined) headers.push('x-amz-storage-class', attributes.storageClass);
  if (attributes.acl !== undefined) headers.push('x-amz-acl', attributes.acl);
  if (attributes.tags) headers.push('x-amz-tagging', tagText(attributes.tags));
  if (!attributes.metadata) return;
  for (const [name, value] of Object.entries(attributes.metadata)) {
    headers.push(`x-amz-meta-${name.toLowerCase()}`, encodeMetadataValue(value));
  }
}

function tagText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${escapeUri(name)}=${escapeUri(value)}`)
    .join('&');
}

/** The header by which a digest of the body travels; undefined where the service would not look at it. */
export function checksumHeader(
  { algorithm, value }: Checksum,
  understandsChecksums: boolean,
): readonly [string, string] | undefined {
  if (algorithm === 'md5') return ['content-md5', hexToBase64(value)];
  return understandsChecksums ? [`x-amz-checksum-${algorithm}`, hexToBase64(value)] : undefined;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export function deleteRequest(ref: ObjectRef, { ifMatch, provider }: DeleteRequest): S3Call {
  const headers: Headers = ifMatch === undefined ? [] : ['if-match', quote(ifMatch)];
  headers.push(...providerHeaders('delete', provider));
  return call('DELETE', ref.container, ref.key, versionQuery(ref), headers);
}

/** Where a listing goes on: by the token of ListObjectsV2, or, at services that know only ListObjects, after a name. */
export type ListPosition = { readonly token: string } | { readonly marker: string };

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html; a service that does not know it reads the same request as
 * ListObjects, for which `start-after` is called `marker`.
 */
export function listRequest(bucket: string, request: ListRequest, position: ListPosition | undefined): S3Call {
  const { prefix, delimiter, startAfter, limit } = request;
  const token = position && 'token' in position ? position.token : undefined;
  const marker = position && 'marker' in position ? position.marker : undefined;
  const query = queryString(
    ...['list-type', marker === undefined ? '2' : undefined],
    ...['encoding-type', 'url'],
    ...['prefix', prefix],
    ...['delimiter', delimiter],
    ...['start-after', position === undefined ? startAfter : undefined],
    ...['continuation-token', token],
    ...['marker', marker],
    ...['max-keys', limit === undefined ? undefined : String(limit)],
  );
  return call('GET', bucket, undefined, query);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export function versionsRequest(
  bucket: string,
  { prefix, delimiter, limit }: ListRequest,
  after: { readonly key?: string | undefined; readonly version?: string | undefined },
): S3Call {
  const query = queryString(
    ...['versions', ''],
    ...['encoding-type', 'url'],
    ...['prefix', prefix],
    ...['delimiter', delimiter],
    ...['key-marker', after.key],
    ...['version-id-marker', after.version],
    ...['max-keys', limit === undefined ? undefined : String(limit)],
  );
  return call('GET', bucket, undefined, query);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html: a service that knows of no pages is asked for none. */
export function listBucketsRequest({ prefix, token, limit }: ListContainersRequest, pages: boolean): S3Call {
  const paging = queryString(
    ...['prefix', prefix],
    ...['continuation-token', token],
    ...['max-buckets', limit === undefined ? undefined : String(limit)],
  );
  return call('GET', undefined, undefined, pages ? paging : '');
}

export function headBucketRequest(bucket: string): S3Call {
  return call('HEAD', bucket, undefined);
}

export function deleteBucketRequest(bucket: string): S3Call {
  return call('DELETE', bucket, undefined);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export function createBucketRequest(bucket: string, constraint: string, { provider }: CreateContainerRequest): S3Call {
  const headers = [...providerHeaders('create', provider)];
  if (constraint === '') return call('PUT', bucket, undefined, '', headers);
  const xml = `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${escapeXml(constraint)}</LocationConstraint></CreateBucketConfiguration>`;
  return withXml(call('PUT', bucket, undefined, '', headers), xml);
}

/** A request about one upload in parts. Throws `invalid-argument` for an id that no service gave: it may come from anybody's token. */
export function uploadCall(
  method: S3Call['method'],
  { ref, uploadId }: UploadRef,
  { query = [], headers = [] }: { readonly query?: readonly (string | undefined)[]; readonly headers?: Headers } = {},
): S3Call {
  if (/\p{Cc}/u.test(uploadId))
    throw new StorageError('invalid-argument', 'The upload id is none that a service gave.');
  const text = queryString(...query, 'uploadId', uploadId);
  return { ...call(method, ref.container, ref.key, text, headers), notFound: 'upload-not-found' };
}

/** A sub-resource of a bucket, such as `versioning`. */
export function bucketSettingRequest(
  method: 'GET' | 'PUT' | 'DELETE',
  bucket: string,
  name: string,
  xml?: string,
): S3Call {
  const request = call(method, bucket, undefined, queryString(name, ''));
  return xml === undefined ? request : withXml(request, xml);
}

/** `Content-MD5` beside the signed hash: some calls insist on it, and old services know nothing else. */
export function withXml(request: S3Call, xml: string): S3Call {
  const body = Buffer.from(xml);
  const md5 = hexToBase64(digestOf('md5', body));
  const headers = [...request.headers, 'content-type', 'application/xml', 'content-md5', md5];
  return { ...request, headers, body, contentHash: sha256OfBytes(body) };
}
