import type { ContentRange, ObjectRef, UploadRef } from '@stowage/core/spi';
import { escapePath, escapeUri, rangeHeader } from '@stowage/http';
import type { NimbusCall } from './client.js';
import { toStoredKey } from './keys.js';

type Method = NimbusCall['method'];

/** A request about one key of the server. */
export function storedCall(method: Method, container: string, stored: string, query = ''): NimbusCall {
  return { method, container, target: storedTarget(stored) + query, notFound: 'object-not-found' };
}

function storedTarget(stored: string): string {
  return `/data/${escapePath(stored)}`;
}

/** A request about one object. */
export function objectCall(method: Method, { container, key }: ObjectRef, query = ''): NimbusCall {
  return storedCall(method, container, toStoredKey(key), query);
}

export function versionQuery({ versionId }: ObjectRef): string {
  return versionId === undefined ? '' : `?version_identifier=${escapeUri(versionId)}`;
}

/** The server knows no other ranges than these, and answers 206 to a start beyond the end. */
export function retrieveCall(ref: ObjectRef, want: 'bytes' | 'stream', range?: ContentRange): NimbusCall {
  const target = storedTarget(toStoredKey(ref.key)) + versionQuery(ref);
  const headers = range && ['range', rangeHeader(range)];
  return { method: 'GET', container: ref.container, target, headers, want, notFound: 'object-not-found' };
}

export function metadataCall(ref: ObjectRef): NimbusCall {
  return objectCall('GET', ref, '?action=meta');
}

/** `query` begins without `?`. */
export function archiveCall(
  { container, key }: ObjectRef,
  query: string,
  { body, headers }: Required<Pick<NimbusCall, 'body' | 'headers'>>,
): NimbusCall {
  const target = `${storedTarget(toStoredKey(key))}?${query}`;
  return { method: 'POST', container, target, headers, body, notFound: 'container-not-found' };
}

export function deleteCall(ref: ObjectRef): NimbusCall {
  return objectCall('DELETE', ref, versionQuery(ref));
}

/** Arguments of listings are decoded twice by the server; the signature covers what one decoding gives. */
export function listingArgument(name: string, value: string): string {
  return `${name}=${escapeUri(escapeUri(value))}`;
}

/** A listing of a container: `path` and then arguments, of which some may be missing. */
export function listCall(container: string, path: string, query: readonly (string | undefined)[]): NimbusCall {
  const text = query.filter((argument) => argument !== undefined).join('&');
  const separator = path.includes('?') ? '&' : '?';
  const target = text === '' ? path : path + separator + text;
  return { method: 'GET', container, target, notFound: 'container-not-found' };
}

/** A request about the collections of a user. */
export function collectionCall(method: Method, user: string, name?: string, query = ''): NimbusCall {
  const path = `/customers/${user}/collections${name === undefined ? '' : `/${escapeUri(name)}`}`;
  const call = {
    method,
    target: path + query,
    notFound: 'container-not-found',
    forbidden: 'container-not-found',
  } as const;
  // A request without a body must say so: 411 otherwise.
  return method === 'PUT' || method === 'POST' ? { ...call, body: Buffer.alloc(0) } : call;
}

/** Names and order of the arguments are fixed. */
export function conjoinedCall(ref: ObjectRef, action: 'start' | 'finish' | 'abort', uploadId?: string): NimbusCall {
  const identifier = uploadId === undefined ? '' : `&conjoined_identifier=${escapeUri(uploadId)}`;
  const target = `/conjoined/${escapePath(toStoredKey(ref.key))}?action=${action}${identifier}`;
  const notFound = uploadId === undefined ? 'container-not-found' : 'upload-not-found';
  return { method: 'POST', container: ref.container, target, notFound, body: Buffer.alloc(0) };
}

export function partQuery({ uploadId }: UploadRef, number: number): string {
  return `conjoined_identifier=${escapeUri(uploadId)}&conjoined_part=${String(number)}`;
}
