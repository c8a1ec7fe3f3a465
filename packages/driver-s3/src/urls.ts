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
  type KeyPair,
  MAX_PRESIGN_SECONDS,
  type PolicyCondition,
  presign,
  queryString,
  signPolicy,
} from '@stowage/http';
import type { S3Service } from './s3-service.js';

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
    signForm: (ref, request) => signForm(service, ref, request),
    signPart(upload, { number, expiresInSeconds }) {
      const query = queryString('partNumber', String(number), 'uploadId', upload.uploadId);
      return signRequest(service, upload.ref, { method: 'PUT', query, headers: [], expiresInSeconds });
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
export function signUrl(service: S3Service, ref: ObjectRef, request: SignUrlRequest): Promise<SignedUrl> {
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
  const nowMs = client.host.nowMs();
  const url = presign(
    client.signerFor(ref.container),
    { method, origin: address.origin, path, headers, expiresInSeconds },
    keys,
    nowMs,
  );
  return { url, method, headers: toRecord(headers), expiresAtMs: nowMs + expiresInSeconds * 1000 };
}

async function keysOf(client: S3Service['client']): Promise<KeyPair> {
  const keys = await client.keys();
  if (keys) return keys;
  throw new StorageError(
    'unsupported',
    'An anonymous storage has no key to sign with; use publicUrl(), or give "user" and "key".',
  );
}

function toRecord(headers: readonly string[]): Readonly<Record<string, string>> {
  const record: Record<string, string> = {};
  for (let at = 0; at < headers.length; at += 2) record[headers[at] as string] = headers[at + 1] as string;
  return record;
}

export function publicUrl({ client }: S3Service, { container, key, versionId }: ObjectRef): string {
  const address = client.addressOf(container);
  return (
    address.origin + client.pathOf({ bucket: container, key, query: queryString('versionId', versionId) }, address)
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html */
async function signForm(
  { client, options, encryption }: S3Service,
  ref: ObjectRef,
  request: SignFormRequest,
): Promise<SignedForm> {
  const { expiresInSeconds, minBytes = 0, maxBytes, contentType, keyIsPrefix } = request;
  if (!(expiresInSeconds >= 1 && expiresInSeconds <= MAX_PRESIGN_SECONDS)) {
    throw new StorageError(
      'invalid-argument',
      `A form lives 1 to ${String(MAX_PRESIGN_SECONDS)} seconds (7 days), not ${String(expiresInSeconds)}.`,
    );
  }
  const keys = await keysOf(client);
  const nowMs = client.host.nowMs();
  const expiresAtMs = nowMs + expiresInSeconds * 1000;
  const conditions: PolicyCondition[] = [{ bucket: ref.container }];
  if (keyIsPrefix === true) conditions.push(['starts-with', '$key', ref.key]);
  if (minBytes > 0 || maxBytes !== undefined)
    conditions.push(['content-length-range', minBytes, maxBytes ?? 5 * 1024 ** 3]);
  const stored = {
    ...toRecord(encryption.write),
    ...(options.storageClass !== undefined && { 'x-amz-storage-class': options.storageClass }),
  };
  const type = contentType === undefined ? {} : { 'content-type': contentType };
  const fixed = keyIsPrefix === true ? {} : { key: ref.key };
  const fields = signPolicy(
    client.signerFor(ref.container),
    { expiresAtMs, fields: { ...fixed, ...type, ...stored }, conditions },
    keys,
    nowMs,
  );
  const address = client.addressOf(ref.container);
  // The browser fills the name of its file in, behind the prefix.
  const open = keyIsPrefix === true ? { key: `${ref.key}\${filename}` } : {};
  return { url: `${address.origin}${address.basePath}/`, fields: { ...open, ...fields }, expiresAtMs };
}
