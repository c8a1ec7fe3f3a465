import { type ErrorCode, StorageError } from '@stowage/core/spi';
import { classifyStatus, parseErrorDocument, type WireResponse } from '@stowage/http';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and what Ceph, MinIO and Swift add. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  NoSuchKey: 'object-not-found',
  NoSuchVersion: 'object-not-found',
  NoSuchBucket: 'container-not-found',
  NoSuchUpload: 'upload-not-found',
  BucketAlreadyExists: 'container-exists',
  BucketAlreadyOwnedByYou: 'container-exists',
  BucketNotEmpty: 'container-not-empty',
  InvalidBucketName: 'invalid-argument',
  KeyTooLongError: 'invalid-argument',
  KeyTooLong: 'invalid-argument',
  InvalidArgument: 'invalid-argument',
  MetadataTooLarge: 'invalid-argument',
  EntityTooLarge: 'invalid-argument',
  EntityTooSmall: 'invalid-argument',
  InvalidPart: 'invalid-argument',
  InvalidPartOrder: 'invalid-argument',
  InvalidAccessKeyId: 'unauthenticated',
  SignatureDoesNotMatch: 'unauthenticated',
  InvalidToken: 'unauthenticated',
  ExpiredToken: 'unauthenticated',
  TokenRefreshRequired: 'unauthenticated',
  RequestTimeTooSkewed: 'unauthenticated',
  AccessDenied: 'permission-denied',
  AllAccessDisabled: 'permission-denied',
  AccountProblem: 'permission-denied',
  InvalidObjectState: 'permission-denied',
  AccessControlListNotSupported: 'unsupported',
  NotImplemented: 'unsupported',
  MethodNotAllowed: 'unsupported',
  PreconditionFailed: 'precondition-failed',
  ConditionalRequestConflict: 'precondition-failed',
  NotModified: 'not-modified',
  InvalidRange: 'range-not-satisfiable',
  BadDigest: 'checksum-mismatch',
  InvalidDigest: 'checksum-mismatch',
  XAmzContentSHA256Mismatch: 'checksum-mismatch',
  XAmzContentChecksumMismatch: 'checksum-mismatch',
  QuotaExceeded: 'quota-exceeded',
  TooManyBuckets: 'quota-exceeded',
  SlowDown: 'rate-limited',
  SlowDownRead: 'rate-limited',
  SlowDownWrite: 'rate-limited',
  TooManyRequests: 'rate-limited',
  RequestLimitExceeded: 'rate-limited',
  BandwidthLimitExceeded: 'rate-limited',
  ServiceUnavailable: 'unavailable',
  InternalError: 'unavailable',
  OperationAborted: 'unavailable',
  RequestTimeout: 'timeout',
  IncompleteBody: 'unavailable',
};

/** Worth another attempt although their code is not one that usually is. */
const RETRYABLE = new Set([
  'ConditionalRequestConflict',
  'OperationAborted',
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'RequestTimeTooSkewed',
]);

/** What a code of S3 means; undefined for one that the table does not know. */
export function codeOf(providerCode: string): ErrorCode | undefined {
  return Object.hasOwn(CODES, providerCode) ? CODES[providerCode] : undefined;
}

export interface ErrorContext {
  /** What a 404 without a body means for this call. */
  readonly notFound: ErrorCode;
  readonly nowMs: number;
}

const REQUEST_ID_HEADERS = ['x-amz-request-id', 'x-trans-id', 'cf-ray'];

/** Makes the one error of a refused request. */
export function toError(response: WireResponse, context: ErrorContext): StorageError {
  const body = parseErrorDocument(response.bytes);
  const facts = classifyStatus(response, { ...context, requestIdHeaders: REQUEST_ID_HEADERS });
  const code = (body && codeOf(body.code)) ?? facts.code;
  const said = body?.message ?? '';
  const message = `${describe(code, context)}${said === '' ? '' : ` The service says: ${said.slice(0, 500)}`}`;
  return new StorageError(code, message.trim(), {
    ...facts,
    requestId: facts.requestId ?? body?.requestId,
    providerCode: body?.code,
    retryable: body && RETRYABLE.has(body.code) ? true : isRetryable(code, facts.retryable),
  });
}

function isRetryable(code: ErrorCode, byStatus: boolean): boolean {
  return byStatus || code === 'rate-limited' || code === 'unavailable' || code === 'timeout';
}

function describe(code: ErrorCode, { notFound }: ErrorContext): string {
  switch (code) {
    case 'object-not-found':
      return 'There is no such object.';
    case 'container-not-found':
      return 'There is no such bucket.';
    case 'upload-not-found':
      return 'The upload was completed, aborted or swept.';
    case 'container-exists':
      return 'A bucket of this name exists already.';
    case 'container-not-empty':
      return 'The bucket is not empty; delete its objects, versions and pending uploads first.';
    case 'unauthenticated':
      return 'The service does not accept the credentials; check "user", "key", "token" and the clock of this machine.';
    case 'permission-denied':
      return notFound === 'object-not-found'
        ? 'Access is denied. Without the right to list, the service says so for missing objects too.'
        : 'Access is denied.';
    case 'precondition-failed':
      return 'The object is not in the state that the condition asks for.';
    case 'not-modified':
      return 'The object was not modified.';
    case 'rate-limited':
      return 'The service asks to slow down.';
    default:
      return '';
  }
}
