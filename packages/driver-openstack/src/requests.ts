import type { ErrorCode, ObjectRef, PutAttributes, ReadConditions, ReadRequest, StatRequest } from '@stowage/core/spi';
import {
  escapePath,
  escapeUri,
  httpDate,
  queryString,
  rangeHeader,
  type WireBody,
  type WireRequest,
} from '@stowage/http';
import { refuse } from './options.js';

/** A request below the address of the account, before it bears a token. */
export interface SwiftCall {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'COPY';
  /** Below the account, with the query; empty, or begins with `/` or `?`. */
  readonly path: string;
  /** Names in lower case and values in turn. */
  readonly headers: string[];
  readonly want: WireRequest['want'];
  readonly body?: Buffer | WireBody | undefined;
  /** What 404 means. */
  readonly notFound: ErrorCode;
  /** What 409 means; without it, that another write was newer. */
  readonly conflict?: ErrorCode | undefined;
  /** What 412 means; without it, that the request itself is not right. */
  readonly precondition?: ErrorCode | undefined;
  /** For calls over which the service thinks long. Milliseconds. */
  readonly headersTimeoutMs?: number | undefined;
}

/** A request to the CDN management of Cloud Files: the same path on the storage host would be another thing. */
export interface CdnCall extends SwiftCall {
  readonly isCdn: true;
}

/** For copies and manifests: the service answers when all the work is done. */
export const SLOW_CALL_MS = 10 * 60 * 1000;

export function containerPath(container: string): string {
  return `/${escapeUri(container)}`;
}

export function objectPath({ container, key }: Pick<ObjectRef, 'container' | 'key'>): string {
  return `/${escapeUri(container)}/${escapePath(key)}`;
}

export function accountCall(method: SwiftCall['method'], query = '', headers: string[] = []): SwiftCall {
  return { method, path: query, headers, want: 'document', notFound: 'invalid-argument' };
}

export function containerCall(
  method: SwiftCall['method'],
  container: string,
  query = '',
  headers: string[] = [],
): SwiftCall {
  return { method, path: containerPath(container) + query, headers, want: 'document', notFound: 'container-not-found' };
}

export function objectCall(method: SwiftCall['method'], ref: ObjectRef, query = '', headers: string[] = []): SwiftCall {
  return { method, path: objectPath(ref) + query, headers, want: 'bytes', notFound: 'object-not-found' };
}

export function versionQuery({ versionId }: ObjectRef): string {
  return versionId === undefined ? '' : queryString('version-id', versionId);
}

function quote(etag: string): string {
  return etag === '*' ? etag : `"${etag}"`;
}

function addReadConditions(headers: string[], conditions: ReadConditions): void {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs } = conditions;
  if (ifMatch !== undefined) headers.push('if-match', quote(ifMatch));
  if (ifNoneMatch !== undefined) headers.push('if-none-match', quote(ifNoneMatch));
  if (ifModifiedSinceMs !== undefined) headers.push('if-modified-since', httpDate(ifModifiedSinceMs));
  if (ifUnmodifiedSinceMs !== undefined) headers.push('if-unmodified-since', httpDate(ifUnmodifiedSinceMs));
}

function readingCall(method: 'GET' | 'HEAD', ref: ObjectRef, headers: string[], want: SwiftCall['want']): SwiftCall {
  return {
    method,
    path: objectPath(ref) + versionQuery(ref),
    headers,
    want,
    notFound: 'object-not-found',
    precondition: 'precondition-failed',
    conflict: 'unknown',
  };
}

/** https://docs.openstack.org/api-ref/object-store/#get-object-content-and-metadata */
export function readRequest(ref: ObjectRef, request: ReadRequest, more: readonly string[]): SwiftCall {
  const headers: string[] = [...more];
  if (request.range) headers.push('range', rangeHeader(request.range));
  addReadConditions(headers, request);
  return readingCall('GET', ref, headers, request.want);
}

/** https://docs.openstack.org/api-ref/object-store/#show-object-metadata */
export function statRequest(ref: ObjectRef, conditions: StatRequest, more: readonly string[]): SwiftCall {
  const headers: string[] = [...more];
  addReadConditions(headers, conditions);
  return readingCall('HEAD', ref, headers, 'bytes');
}

/** Headers for what is stored beside the bytes. */
export function addAttributes(headers: string[], attributes: PutAttributes): void {
  const { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl } = attributes;
  if (contentType !== undefined) headers.push('content-type', contentType);
  if (contentEncoding !== undefined) headers.push('content-encoding', contentEncoding);
  if (contentDisposition !== undefined) headers.push('content-disposition', contentDisposition);
  if (contentLanguage !== undefined) headers.push('content-language', contentLanguage);
  if (cacheControl !== undefined) headers.push('cache-control', cacheControl);
  const metadata = attributes.metadata;
  if (metadata === undefined) return;
  for (const name in metadata)
    headers.push(`x-object-meta-${name.toLowerCase()}`, headerText(name, metadata[name] as string));
}

/** Swift takes the bytes of a value as they are; only white space at its ends would be lost on the way. */
function headerText(name: string, value: string): string {
  if (value !== value.trim())
    refuse(`The value of the metadata "${name}" begins or ends with white space, which HTTP takes away.`);
  return utf8Header(value);
}

/** A header's bytes go out as Latin-1: each byte of the UTF-8 form is made a character. */
export function utf8Header(value: string): string {
  return /^[\x20-\x7e]*$/.test(value) ? value : Buffer.from(value).toString('latin1');
}
