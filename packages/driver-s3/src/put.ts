import {
  type CallContext,
  isStorageError,
  type ObjectRef,
  type PutBody,
  type PutRequest,
  type PutResult,
  StorageError,
} from '@stowage/core/spi';
import { asObjectExists } from '@stowage/http';
import { checkEncrypted } from './encryption.js';
import { providerHeaders } from './provider-options.js';
import { addAttributes, addWriteConditions, type S3Call } from './requests.js';
import type { S3Service } from './s3-service.js';
import { signBody, verificationOf } from './uploads.js';
import { holdCondition } from './versioned-conditions.js';
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
  const headers = storedHeaders(service, request);
  headers.push(...sent.headers);
  mergeEncodings(headers);
  addWriteConditions(headers, request, facts.bareWriteEtags);
  headers.push(...encryption.write);
  const put: S3Call = {
    method: 'PUT',
    bucket: ref.container,
    key: ref.key,
    query: '',
    headers,
    want: 'bytes',
    contentHash: sent.contentHash,
    notFound: request.ifMatch === undefined ? 'container-not-found' : 'object-not-found',
  };
  try {
    const response = await client.send(put, ctx, sent.bodyOf);
    await holdCondition(service, ref, request, response, ctx);
    checkEncrypted(encryption, response);
    return {
      record: toWrittenRecord(ref.key, sent.size, response, facts),
      verified: verificationOf(sent, response),
    };
  } catch (error) {
    throw asObjectExists(asConflict(error, service, request), request);
  }
}

/**
 * Ceph 16 answers 500 to all but one of the puts that race over one version, and writes none of them. The next attempt is refused
 * properly, as after Amazon's `ConditionalRequestConflict`.
 */
function asConflict(error: unknown, { facts }: S3Service, { ifMatch }: PutRequest): unknown {
  if (facts.name !== 'ceph' || ifMatch === undefined) return error;
  if (!isStorageError(error) || error.providerCode !== 'UnknownError') return error;
  const { status, providerCode, requestId } = error;
  return new StorageError('precondition-failed', 'Another put over the same version came first.', {
    ...{ status, providerCode, requestId, retryable: true },
    cause: error,
  });
}

/** `aws-chunked` stands before the encoding of the content, in one header. */
function mergeEncodings(headers: string[]): void {
  const first = headers.indexOf('content-encoding');
  const second = first === -1 ? -1 : headers.indexOf('content-encoding', first + 1);
  if (second === -1) return;
  headers[second + 1] = `${headers[second + 1] as string},${headers[first + 1] as string}`;
  headers.splice(first, 2);
}

/** Headers for what is stored beside the bytes, the configured defaults among them. */
export function storedHeaders({ options }: S3Service, request: PutRequest): string[] {
  const headers: string[] = [];
  const storageClass = request.storageClass ?? options.storageClass;
  addAttributes(headers, storageClass === undefined ? request : { ...request, storageClass });
  headers.push(...providerHeaders('put', request.provider));
  return headers;
}
