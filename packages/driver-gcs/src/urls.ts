import type { ObjectRef, SignedForm, SignedUrl, SignFormRequest, SignUrlRequest, UrlsGroup } from '@stowage/core/spi';
import {
  basicIsoDate,
  checkFormLife,
  checkUrlKey,
  draftPresign,
  formConditions,
  formFields,
  headerRecord,
  openFields,
  queryString,
  signPolicy,
} from '@stowage/http';
import type { AddressSigner } from './address-signer.js';
import { xmlPath } from './endpoint.js';
import type { GcsService } from './gcs-service.js';

const MAX_POST_BYTES = 5 * 1024 ** 4;

/** Gives who signs; the same for all addresses of a driver. */
export type FindSigner = () => Promise<AddressSigner>;

/** An address to be signed, by the XML API's names. */
export interface Signable {
  readonly method: string;
  /** Empty, or begins with `?`. */
  readonly query: string;
  /** Names in lower case and values in turn: what the sender must then send. */
  readonly headers: readonly string[];
  readonly expiresInSeconds: number;
  readonly contentHash?: string | undefined;
}

/** Signed and public addresses. None costs a request, but for accounts whose key is at Google. */
export function urlsGroup(service: GcsService, findSigner: FindSigner): UrlsGroup {
  return {
    async sign(ref, request) {
      const { method } = request;
      return { ...(await signAddress(service, findSigner, ref, signable(service, ref, request))), method };
    },
    publicUrl: (ref) => publicUrl(service, ref),
    signForm: (ref, request) => signForm(service, findSigner, ref, request),
    // A session's own address already lets anyone send to it.
    ...(service.options.uploads !== 'session' && { signPart: partSigner(service, findSigner) }),
  };
}

function partSigner(service: GcsService, findSigner: FindSigner): NonNullable<UrlsGroup['signPart']> {
  return async (upload, { number, expiresInSeconds }) => {
    const payer = ['userProject', service.options.userProject];
    const query = queryString('partNumber', String(number), 'uploadId', upload.uploadId, ...payer);
    const part = { method: 'PUT', query, headers: service.encryption.read, expiresInSeconds } as const;
    return { ...(await signAddress(service, findSigner, upload.ref, part)), method: part.method };
  };
}

function signable(
  { encryption, options }: GcsService,
  ref: ObjectRef,
  { method, expiresInSeconds, contentType, response }: SignUrlRequest,
): Signable {
  const query = queryString(
    ...['generation', ref.versionId],
    ...['response-content-type', response?.contentType],
    ...['response-content-disposition', response?.contentDisposition],
    ...['userProject', options.userProject],
  );
  const type = contentType === undefined ? [] : ['content-type', contentType];
  const headers = [...type, ...(method === 'PUT' ? encryption.write : encryption.read)];
  return { method, query, headers, expiresInSeconds };
}

/** https://cloud.google.com/storage/docs/authentication/signatures */
export async function signAddress(
  { client, endpoint }: GcsService,
  findSigner: FindSigner,
  { container, key }: Pick<ObjectRef, 'container'> & { readonly key?: string | undefined },
  { method, query, headers, expiresInSeconds, contentHash }: Signable,
): Promise<Omit<SignedUrl, 'method'>> {
  if (key !== undefined) checkUrlKey(key);
  const party = await findSigner();
  const { signer, keys } = party;
  const nowMs = client.clock.nowMs();
  const path = xmlPath(endpoint, container, key) + query;
  const request = { method, origin: endpoint.origin, path, headers, expiresInSeconds, contentHash };
  const { credential } = signer.dayKey(keys, basicIsoDate(nowMs));
  const draft = draftPresign(signer, request, credential, undefined, nowMs);
  const url = draft.complete(await party.sign(draft.stringToSign, nowMs));
  return { url, headers: headerRecord(headers), expiresAtMs: client.host.nowMs() + expiresInSeconds * 1000 };
}

/**
 * An address at which anyone may begin a resumable upload, by a POST with these headers; its answer names the session.
 * https://cloud.google.com/storage/docs/access-control/signed-urls#signing-resumable
 */
export async function signUploadStart(
  service: GcsService,
  findSigner: FindSigner,
  ref: ObjectRef,
  { contentType, expiresInSeconds }: { readonly contentType?: string | undefined; readonly expiresInSeconds: number },
): Promise<Omit<SignedUrl, 'method'> & { readonly method: 'POST' }> {
  const type = contentType === undefined ? [] : ['content-type', contentType];
  const headers = ['x-goog-resumable', 'start', ...type, ...service.encryption.write];
  const query = queryString('userProject', service.options.userProject);
  const start: Signable = { method: 'POST', query, headers, expiresInSeconds };
  return { ...(await signAddress(service, findSigner, ref, start)), method: 'POST' };
}

export function publicUrl({ endpoint }: GcsService, { container, key, versionId }: ObjectRef): string {
  checkUrlKey(key);
  return endpoint.origin + xmlPath(endpoint, container, key) + queryString('generation', versionId);
}

/** https://cloud.google.com/storage/docs/authentication/signatures#policy-document */
async function signForm(
  service: GcsService,
  findSigner: FindSigner,
  ref: ObjectRef,
  request: SignFormRequest,
): Promise<SignedForm> {
  const { client, endpoint, options, encryption } = service;
  checkFormLife(request);
  const party = await findSigner();
  const { signer, keys } = party;
  const nowMs = client.clock.nowMs();
  const { expiresInSeconds } = request;
  const storageClass = options.storageClass === undefined ? {} : { 'x-goog-storage-class': options.storageClass };
  const draft = {
    expiresAtMs: nowMs + expiresInSeconds * 1000,
    fields: { ...formFields(ref, request), ...headerRecord(encryption.write), ...storageClass },
    conditions: formConditions(ref, request, MAX_POST_BYTES),
  };
  const fields = signPolicy(signer, draft, keys, nowMs);
  const signature = await party.sign(fields['policy'] as string, nowMs);
  return {
    url: `${endpoint.origin}${xmlPath(endpoint, ref.container)}/`,
    fields: { ...openFields(ref, request), ...fields, [`${signer.scheme.headerPrefix}signature`]: signature },
    expiresAtMs: client.host.nowMs() + expiresInSeconds * 1000,
  };
}
