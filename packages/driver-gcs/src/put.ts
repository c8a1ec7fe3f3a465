import {
  type CallContext,
  type Checksum,
  digestOf,
  type ObjectRef,
  type PutBody,
  type PutRequest,
  type PutResult,
  StorageError,
} from '@stowage/core/spi';
import { asObjectExists, hexToBase64, sha256OfBytes, UNSIGNED_PAYLOAD, type WireResponse } from '@stowage/http';
import { writeConditionHeaders } from './conditions.js';
import type { GcsService } from './gcs-service.js';
import { providerHeaders } from './provider-options.js';
import { attributeHeaders, xmlCall } from './requests.js';
import { readHashes, toWrittenRecord } from './wire.js';

/** https://cloud.google.com/storage/docs/xml-api/put-object-upload */
export async function putObject(
  service: GcsService,
  ref: ObjectRef,
  body: PutBody,
  request: PutRequest,
  ctx: CallContext,
): Promise<PutResult> {
  const { client, endpoint } = service;
  const sent = hashBody(service, body, request.checksum);
  const headers = [...storedHeaders(service, request), ...sent.headers, ...writeConditionHeaders(request)];
  const { contentHash } = sent;
  const call = xmlCall(endpoint, 'PUT', ref, { headers, contentHash, notFound: 'container-not-found' });
  try {
    const response = await client.send(call, ctx, sent.bytes ?? body);
    const record = toWrittenRecord(ref.key, body.size ?? storedLength(response), response);
    return { record, verified: verificationOf(sent.checksum, response) };
  } catch (error) {
    throw asObjectExists(error, request);
  }
}

/** Bytes of a body whose length nobody knew before it was sent. */
function storedLength(response: WireResponse): number {
  const text = response.header('x-goog-stored-content-length');
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  const message = 'The object was stored, and the service does not tell its size; give "size", or look with stat().';
  throw new StorageError('unknown', message, { requestSent: true, retryable: false });
}

/** Headers for what is stored beside the bytes, the configured defaults among them. */
export function storedHeaders({ options, dialect, encryption }: GcsService, request: PutRequest): string[] {
  const storageClass = request.storageClass ?? options.storageClass;
  const own = providerHeaders(dialect, 'put', request.provider);
  const encrypts = own.includes('x-goog-encryption-kms-key-name') ? [] : encryption.write;
  return [...attributeHeaders(dialect, { ...request, storageClass }), ...own, ...encrypts];
}

/** A body with the digest that goes before it. */
export interface HashedBody {
  readonly headers: readonly string[];
  readonly contentHash: string;
  readonly bytes: Buffer | undefined;
  readonly checksum: Checksum | undefined;
}

/**
 * Chooses the digest by which the service compares a body: the one that is known already, or CRC-32C of what is in memory.
 * https://cloud.google.com/storage/docs/data-validation
 */
export function hashBody(
  { dialect, signsBodies }: GcsService,
  { bytes }: PutBody,
  given: Checksum | undefined,
): HashedBody {
  const isGoogle = dialect === 'x-goog-';
  if (given && given.algorithm !== 'md5' && !(isGoogle && given.algorithm === 'crc32c')) {
    const message = `Google Cloud Storage does not compare a ${given.algorithm}${isGoogle ? '' : ' in the AWS dialect'}.`;
    throw new StorageError('unsupported', message, { requestSent: false });
  }
  const checksum = given ?? (bytes && computed(isGoogle ? 'crc32c' : 'md5', bytes));
  const contentHash = bytes && signsBodies ? sha256OfBytes(bytes) : UNSIGNED_PAYLOAD;
  return { headers: hashHeaders(checksum, isGoogle), contentHash, bytes, checksum };
}

function computed(algorithm: 'crc32c' | 'md5', bytes: Buffer): Checksum {
  return { algorithm, value: digestOf(algorithm, bytes) };
}

function hashHeaders(checksum: Checksum | undefined, isGoogle: boolean): readonly string[] {
  if (!checksum) return [];
  const value = hexToBase64(checksum.value);
  return isGoogle ? ['x-goog-hash', `${checksum.algorithm}=${value}`] : ['content-md5', value];
}

/** The service compares what is sent; one that answers with the digest that it has shows that it did. */
export function verificationOf(sent: Checksum | undefined, response: WireResponse): PutResult['verified'] {
  if (!sent) return 'none';
  return readHashes(response.header('x-goog-hash'))?.[sent.algorithm as 'md5' | 'crc32c'] === sent.value
    ? 'service'
    : 'none';
}
