import {
  type ObjectRef,
  type SignedForm,
  type SignedUrl,
  type SignFormRequest,
  type SignUrlRequest,
  StorageError,
  type UrlsGroup,
} from '@stowage/core/spi';
import {
  checkFormLife,
  checkUrlKey,
  formConditions,
  formFields,
  headerRecord,
  type KeyPair,
  openFields,
  presign,
  queryString,
  signPolicy,
} from '@stowage/http';
import type { S3Service } from './s3-service.js';

const MAX_POST_BYTES = 5 * 1024 ** 3;

interface Presignable {
  readonly method: SignUrlRequest['method'];
  readonly query: string;
  readonly headers: readonly string[];
  readonly expiresInSeconds: number;
}

/** Signed and public addresses. None of them costs a request, but the keys may have to be fetched. */
export function urlsGroup(service: S3Service): UrlsGroup {
  return {
    sign: (ref, request) => signUrl(service, ref, request),
    publicUrl: (ref) => publicUrl(service, ref),
    ...(service.facts.forms && { signForm: (ref, request) => signForm(service, ref, request) }),
    async signPart(upload, { number, expiresInSeconds }) {
      checkUrlKey(upload.ref.key);
      const query = queryString('partNumber', String(number), 'uploadId', upload.uploadId);
      return signRequest(service, upload.ref, { method: 'PUT', query, headers: [], expiresInSeconds });
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
export async function signUrl(service: S3Service, ref: ObjectRef, request: SignUrlRequest): Promise<SignedUrl> {
  checkUrlKey(ref.key);
  const { method, expiresInSeconds, contentType, response } = request;
  const query = queryString(
    ...['versionId', ref.versionId],
    ...['response-content-type', response?.contentType],
    ...['response-content-disposition', response?.contentDisposition],
  );
  const type = contentType === undefined ? [] : ['content-type', contentType];
  const headers = [...type, ...(method === 'PUT' ? service.encryption.write : service.encryption.read)];
  return signRequest(service, ref, { method, query, headers, expiresInSeconds });
}

async function signRequest(
  { client }: S3Service,
  ref: ObjectRef,
  { method, query, headers, expiresInSeconds }: Presignable,
): Promise<SignedUrl> {
  const keys = await keysOf(client);
  const address = client.addressOf(ref.container);
  const path = client.pathOf({ bucket: ref.container, key: ref.key, query }, address);
  const nowMs = client.nowMs();
  const url = presign(
    client.signerFor(ref.container),
    { method, origin: address.origin, path, headers, expiresInSeconds },
    keys,
    nowMs,
  );
  return { url, method, headers: headerRecord(headers), expiresAtMs: client.host.nowMs() + expiresInSeconds * 1000 };
}

async function keysOf(client: S3Service['client']): Promise<KeyPair> {
  const keys = await client.credentials.keys();
  if (keys) return keys;
  throw new StorageError(
    'unsupported',
    'An anonymous storage has no key to sign with; use publicUrl(), or give "user" and "key".',
    { requestSent: false },
  );
}

export function publicUrl({ client }: S3Service, { container, key, versionId }: ObjectRef): string {
  checkUrlKey(key);
  const address = client.addressOf(container);
  return (
    address.origin + client.pathOf({ bucket: container, key, query: queryString('versionId', versionId) }, address)
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html */
async function signForm(service: S3Service, ref: ObjectRef, request: SignFormRequest): Promise<SignedForm> {
  const { client, options, encryption } = service;
  checkFormLife(request);
  const { expiresInSeconds } = request;
  const keys = await keysOf(client);
  const nowMs = client.nowMs();
  const storageClass = options.storageClass === undefined ? {} : { 'x-amz-storage-class': options.storageClass };
  const fields = signPolicy(
    client.signerFor(ref.container),
    {
      expiresAtMs: nowMs + expiresInSeconds * 1000,
      fields: { ...formFields(ref, request), ...headerRecord(encryption.write), ...storageClass },
      conditions: formConditions(ref, request, MAX_POST_BYTES),
    },
    keys,
    nowMs,
  );
  const address = client.addressOf(ref.container);
  return {
    url: `${address.origin}${address.basePath}/`,
    fields: { ...openFields(ref, request), ...fields },
    expiresAtMs: client.host.nowMs() + expiresInSeconds * 1000,
  };
}
