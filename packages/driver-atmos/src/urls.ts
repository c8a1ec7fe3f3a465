import {
  type CdnGroup,
  type ObjectRef,
  type SignedForm,
  type SignedUrl,
  type SignFormRequest,
  type SignUrlRequest,
  StorageError,
  type UrlsGroup,
  type CallContext,
} from '@stowage/core/spi';
import { escapePath, queryString } from '@stowage/http';
import type { AtmosCall } from './client.js';
import { createToken } from './access-tokens.js';
import { objectPath } from './paths.js';
import { refuseVersion } from './objects.js';
import type { AtmosService } from './service.js';
import { urlToSign } from './sign.js';

/** Libcloud's. */
const CDN_SECONDS = 7 * 24 * 3600;

/** Signed and public addresses, made without a request: they name the object's own path, where it is unless a folder has that. */
export function urlsGroup(service: AtmosService): UrlsGroup {
  return {
    sign: async (ref, request) => signUrl(service, ref, request),
    publicUrl: (ref) => {
      refuseVersion(ref);
      return service.client.origin + service.client.pathOf(objectPath(ref));
    },
    ...(service.facts.accessTokens && { signForm: (ref, request, ctx) => signForm(service, ref, request, ctx) }),
  };
}

export function signUrl(service: AtmosService, ref: ObjectRef, request: SignUrlRequest): SignedUrl {
  refuseVersion(ref);
  const { method, expiresInSeconds, contentType, response } = request;
  if (contentType !== undefined) throw unsupported('contentType');
  if (response?.contentType !== undefined) throw unsupported('response.contentType');
  const resource = objectPath(ref);
  const { client } = service;
  const expiresAtMs = client.host.nowMs() + expiresInSeconds * 1000;
  if (method === 'GET') {
    const disposition = response?.contentDisposition;
    return { url: shareableUrl(service, resource, expiresInSeconds, disposition), method, headers: {}, expiresAtMs };
  }
  if (response?.contentDisposition !== undefined) throw unsupported('response.contentDisposition');
  return {
    ...presign(service, { method, resource, notFound: 'object-not-found' }, expiresInSeconds),
    method,
    expiresAtMs,
  };
}

function unsupported(option: string): StorageError {
  return new StorageError('unsupported', `A signed URL of Atmos cannot bear "${option}"; remove it.`);
}

/** An address that anybody may read until it expires. `resource` begins with `/rest`. */
export function shareableUrl(
  { client }: AtmosService,
  resource: string,
  expiresInSeconds: number,
  disposition: string | undefined,
): string {
  const expires = String(Math.floor(client.nowMs() / 1000) + expiresInSeconds);
  const signature = client.sign(urlToSign(resource, client.uid, expires, disposition));
  const query = queryString(
    ...['uid', client.uid],
    ...['expires', expires],
    ...['disposition', disposition],
    ...['signature', signature],
  );
  return client.origin + client.prefix + escapePath(resource) + query;
}

/** Headers with which anybody may send one request until they expire. Without `Date`, which browsers set themselves. */
export function presign(
  { client }: AtmosService,
  call: AtmosCall,
  expiresInSeconds: number,
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
  const headers = client.presignedHeaders(call, client.nowMs() + expiresInSeconds * 1000);
  const query = call.query === undefined ? '' : `?${call.query}`;
  return { url: client.origin + client.pathOf(call.resource) + query, headers };
}

/** A form for browsers: an access token for one upload. The container must be there. */
async function signForm(
  service: AtmosService,
  ref: ObjectRef,
  request: SignFormRequest,
  ctx: CallContext,
): Promise<SignedForm> {
  const { expiresInSeconds, minBytes = 0, maxBytes, contentType, keyIsPrefix } = request;
  if (keyIsPrefix === true)
    throw new StorageError('unsupported', 'A form of Atmos is for one key: remove "keyIsPrefix".');
  if (contentType !== undefined)
    throw new StorageError('unsupported', 'A form of Atmos takes any type of file: remove "contentType".');
  await service.containers.require(ref.container, ctx);
  const expiresAtMs = service.client.nowMs() + expiresInSeconds * 1000;
  const limits = {
    maxUploads: 1,
    maxDownloads: 0,
    ...(maxBytes !== undefined && { contentBytes: { from: minBytes, to: maxBytes } }),
  };
  const { url } = await createToken(service, objectPath(ref), { expiresAt: new Date(expiresAtMs), ...limits }, ctx);
  return { url, fields: {}, expiresAtMs: service.client.host.nowMs() + expiresInSeconds * 1000 };
}

/** Libcloud's `get_object_cdn_url`: a shareable URL; switching it on takes nothing. */
export function cdnGroup(service: AtmosService): CdnGroup {
  const { cdnUrlExpirySeconds: expiresInSeconds = CDN_SECONDS } = service.options;
  return {
    objectUrl: async (ref) => signUrl(service, ref, { method: 'GET', expiresInSeconds }).url,
    enableObject: async () => undefined,
  };
}
