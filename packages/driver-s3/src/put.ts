import {
  type CallContext,
  isStorageError,
  type ObjectRef,
  type PutBody,
  type PutRequest,
  type PutResult,
  StorageError,
} from '@stowage/core/spi';
import { providerHeaders } from './provider-options.js';
import { addAttributes, addWriteConditions, call } from './requests.js';
import type { S3Service } from './s3-service.js';
import { signBody, verificationOf } from './uploads.js';
import { toWrittenRecord } from './wire.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(
  service: S3Service,
  ref: ObjectRef,
  body: PutBody,
  request: PutRequest,
  ctx: CallContext,
): Promise<PutResult> {
  const { client, facts, encryption, bodies } = service;
  const sent = signBody(body, request.checksum, bodies);
  const headers = [...storedHeaders(service, request), ...sent.headers];
  addWriteConditions(headers, request);
  headers.push(...encryption.write);
  const { contentHash } = sent;
  try {
    const response = await client.send(
      { ...call('PUT', ref.container, ref.key, '', headers), contentHash, notFound: 'container-not-found' },
      ctx,
      sent.bodyOf,
    );
    return { record: toWrittenRecord(ref.key, body.size, response, facts), verified: verificationOf(sent, response) };
  } catch (error) {
    throw asObjectExists(error, request);
  }
}

/** Headers for what is stored beside the bytes, the configured defaults among them. */
export function storedHeaders({ options }: S3Service, request: PutRequest): string[] {
  const headers: string[] = [];
  const storageClass = request.storageClass ?? options.storageClass;
  addAttributes(headers, storageClass === undefined ? request : { ...request, storageClass });
  headers.push(...providerHeaders('put', request.provider));
  return headers;
}

/** A create-only write that fails did so because the object is there. */
export function asObjectExists(error: unknown, { ifNoneMatch }: Pick<PutRequest, 'ifNoneMatch'>): unknown {
  if (ifNoneMatch === undefined || !isStorageError(error, 'precondition-failed') || error.retryable) return error;
  const { status, providerCode, requestId } = error;
  return new StorageError('object-exists', 'An object of this name exists already.', {
    status,
    providerCode,
    requestId,
    cause: error,
  });
}
