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
  return { url, method, headers: toRecord(headers), expiresAtMs: client.host.nowMs() + expiresInSeconds * 1000 };
}

/** Whoever opens an address takes the steps of its path: `a/../b` is `b` by then, even when the dots are escaped. */
function checkUrlKey(key: string): void {
  const step = key.split('/').find((segment) => segment === '.' || segment === '..');
  if (step === undefined) return;
  const message = `No address can name the key ${JSON.stringify(key)}: browsers take "${step}" for a step in the path. Read it with bytes() or stream().`;
  throw new StorageError('invalid-argument', message, { requestSent: false });
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

function toRecord(headers: readonly string[]): Readonly<Record<string, string>> {
  const record: Record<string, string> = {};
  for (let at = 0; at < headers.length; at += 2) record[headers[at] as string] = headers[at + 1] as string;
  return record;
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
  const { client } = service;
  const { expiresInSeconds, keyIsPrefix } = request;
  if (!(expiresInSeconds >= 1 && expiresInSeconds <= MAX_PRESIGN_SECONDS)) {
    const message = `A form lives 1 to ${String(MAX_PRESIGN_SECONDS)} seconds (7 days), not ${String(expiresInSeconds)}.`;
    throw new StorageError('invalid-argument', message);
  }
  const keys = await keysOf(client);
  const nowMs = client.nowMs();
  const fields = signPolicy(
    client.signerFor(ref.container),
    {
      expiresAtMs: nowMs + expiresInSeconds * 1000,
      fields: fixedFields(service, ref, request),
      conditions: formConditions(ref, request),
    },
    keys,
    nowMs,
  );
  const address = client.addressOf(ref.container);
  // The browser fills the name of its file in, behind the prefix.
  const open = keyIsPrefix === true ? { key: `${ref.key}\${filename}` } : {};
  return {
    url: `${address.origin}${address.basePath}/`,
    fields: { ...open, ...fields },
    expiresAtMs: client.host.nowMs() + expiresInSeconds * 1000,
  };
}

/** Fields that must be sent exactly so. */
function fixedFields(
  { options, encryption }: S3Service,
  { key }: ObjectRef,
  { contentType, keyIsPrefix }: SignFormRequest,
): Readonly<Record<string, string>> {
  return {
    ...(keyIsPrefix !== true && { key }),
    ...(contentType !== undefined && !isTypeFamily(contentType) && { 'content-type': contentType }),
    ...toRecord(encryption.write),
    ...(options.storageClass !== undefined && { 'x-amz-storage-class': options.storageClass }),
  };
}

/** What is left to the sender, within limits. */
function formConditions(
  { container, key }: ObjectRef,
  { minBytes = 0, maxBytes, contentType, keyIsPrefix }: SignFormRequest,
): readonly PolicyCondition[] {
  const conditions: PolicyCondition[] = [{ bucket: container }];
  if (keyIsPrefix === true) conditions.push(['starts-with', '$key', key]);
  if (contentType !== undefined && isTypeFamily(contentType))
    conditions.push(['starts-with', '$Content-Type', contentType.slice(0, -1)]);
  if (minBytes > 0 || maxBytes !== undefined)
    conditions.push(['content-length-range', minBytes, maxBytes ?? MAX_POST_BYTES]);
  return conditions;
}

/** `image/*` stands for all types that begin with `image/`; the sender then names the one. */
function isTypeFamily(contentType: string): boolean {
  return /^[^/]+\/\*$/.test(contentType);
}
