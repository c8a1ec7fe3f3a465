import type { ErrorCode, PutAttributes } from '@stowage/core/spi';
import { EMPTY_SHA256, encodeMetadataValue, queryString, sha256OfBytes, type WireRequest } from '@stowage/http';
import { type GcsEndpoint, jsonPath, xmlPath } from './endpoint.js';

/** A request before it is authorized. */
export interface GcsCall {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query, escaped. */
  readonly path: string;
  /** Names in lower case and values in turn. */
  readonly headers: string[];
  readonly want: WireRequest['want'];
  /** SHA-256 of the body in hexadecimal, or `UNSIGNED-PAYLOAD`; only HMAC keys sign it. */
  readonly contentHash: string;
  readonly body?: Buffer | undefined;
  /** What a 404 means, unless the service says it better. */
  readonly notFound: ErrorCode;
  /** For calls over which the service thinks long. Milliseconds. */
  readonly headersTimeoutMs?: number | undefined;
}

/** For copies and completions of uploads. */
export const SLOW_CALL_MS = 10 * 60 * 1000;

/** Where a call of the XML API goes. */
export interface XmlTarget {
  readonly container?: string | undefined;
  readonly key?: string | undefined;
  readonly versionId?: string | undefined;
}

/** What a call of the XML API may have beside its target. */
interface XmlDetails extends Partial<Pick<GcsCall, 'headers' | 'want' | 'contentHash' | 'notFound'>> {
  /** Names and values in turn; an empty value is left out, as V2 signatures want it. */
  readonly query?: readonly (string | undefined)[];
}

/** A call of the XML API. */
export function xmlCall(
  endpoint: GcsEndpoint,
  method: GcsCall['method'],
  { container, key, versionId }: XmlTarget,
  { query = [], headers = [], want = 'bytes', contentHash = EMPTY_SHA256, notFound }: XmlDetails = {},
): GcsCall {
  const all = versionId === undefined ? query : [...query, 'generation', versionId];
  const text = all.length === 0 ? '' : queryString(...all).replace(/=(?=&|$)/g, '');
  return {
    method,
    path: xmlPath(endpoint, container, key) + text,
    headers,
    want,
    contentHash,
    notFound: notFound ?? (key === undefined ? 'container-not-found' : 'object-not-found'),
  };
}

/** A call of the JSON API. */
export function jsonCall(
  endpoint: GcsEndpoint,
  method: GcsCall['method'],
  segments: readonly string[],
  { query = [], body }: { readonly query?: readonly (string | undefined)[]; readonly body?: object | undefined } = {},
): GcsCall {
  const headers = body === undefined ? [] : ['content-type', 'application/json'];
  return {
    method,
    path: jsonPath(endpoint, ...segments) + queryString(...query),
    headers,
    want: 'bytes',
    contentHash: EMPTY_SHA256,
    ...(body !== undefined && { body: Buffer.from(JSON.stringify(body)) }),
    notFound: segments.includes('o') ? 'object-not-found' : 'container-not-found',
  };
}

export function withXml(call: GcsCall, xml: string): GcsCall {
  const body = Buffer.from(xml);
  const headers = [...call.headers, 'content-type', 'application/xml'];
  return { ...call, headers, body, contentHash: sha256OfBytes(body) };
}

/** Prefix of the headers that Google reads: a request with AWS signatures may hold none of its own. */
export type Dialect = 'x-goog-' | 'x-amz-';

const ASCII = /^[\x20-\x7e]*$/;
// eslint-disable-next-line no-control-regex -- these are the characters that no header carries
const IN_A_HEADER = /^[^\0-\x20\x7f](?:[^\0-\x1f\x7f]*[^\0-\x20\x7f])?$/;

/** Headers for what is stored beside the bytes. */
export function attributeHeaders(dialect: Dialect, attributes: PutAttributes): string[] {
  const { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl } = attributes;
  const headers: string[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) headers.push(name, value);
  };
  add('content-type', contentType);
  add('content-encoding', contentEncoding);
  add('content-disposition', contentDisposition);
  add('content-language', contentLanguage);
  add('cache-control', cacheControl);
  add(`${dialect}storage-class`, attributes.storageClass);
  add(`${dialect}acl`, attributes.acl);
  for (const [name, value] of Object.entries(attributes.metadata ?? {})) {
    headers.push(`${dialect}meta-${name.toLowerCase()}`, headerBytes(metadataText(value)));
  }
  return headers;
}

/**
 * The text that is stored for a value: itself, so that every client reads it, unless no header could bring it back: outer spaces,
 * control characters, what looks like an encoded word. https://cloud.google.com/storage/docs/metadata#custom-metadata
 */
export function metadataText(value: string): string {
  const isPlain = value === '' || (IN_A_HEADER.test(value) && !value.includes('=?'));
  return isPlain ? value : encodeMetadataValue(value);
}

/** UTF-8 bytes as the characters by which a header is written and signed. */
function headerBytes(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}
