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
  InvalidObjectName: 'invalid-argument',
  XMinioInvalidObjectName: 'invalid-argument',
  KeyTooLongError: 'invalid-argument',
  KeyTooLong: 'invalid-argument',
  InvalidArgument: 'invalid-argument',
  InvalidTag: 'invalid-argument',
  InvalidURI: 'invalid-argument',
  MetadataTooLarge: 'invalid-argument',
  EntityTooLarge: 'invalid-argument',
  EntityTooSmall: 'invalid-argument',
  InvalidPart: 'invalid-argument',
  InvalidPartOrder: 'invalid-argument',
  IllegalLocationConstraintException: 'invalid-argument',
  InvalidLocationConstraint: 'invalid-argument',
  InvalidAccessKeyId: 'unauthenticated',
  SignatureDoesNotMatch: 'unauthenticated',
  AuthorizationHeaderMalformed: 'unauthenticated',
  InvalidSecurity: 'unauthenticated',
  NotSignedUp: 'unauthenticated',
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
  XMinioStorageFull: 'quota-exceeded',
  XMinioAdminBucketQuotaExceeded: 'quota-exceeded',
  SlowDown: 'rate-limited',
  SlowDownRead: 'rate-limited',
  SlowDownWrite: 'rate-limited',
  TooManyRequests: 'rate-limited',
  RequestLimitExceeded: 'rate-limited',
  BandwidthLimitExceeded: 'rate-limited',
  ServiceUnavailable: 'unavailable',
  InternalError: 'unavailable',
  OperationAborted: 'unavailable',
  TemporaryRedirect: 'unavailable',
  RequestTimeout: 'timeout',
  IncompleteBody: 'unavailable',
};

/** Worth another attempt although their code is not one that usually is. */
const RETRYABLE = new Set(['ConditionalRequestConflict', 'BadDigest', 'XAmzContentSHA256Mismatch']);

/** What to do about a code of S3 whose own message does not say. */
const ADVICE: Readonly<Record<string, string>> = {
  AccessControlListNotSupported: 'The bucket has no ACLs; remove "acl".',
  InvalidObjectState: 'The object is in an archive; restore it before it is read.',
  RequestTimeTooSkewed: 'The clock of this machine and that of the service differ by too much; set the clock.',
  PermanentRedirect: 'The bucket is at another endpoint; set "region" or "endpoint".',
  IllegalLocationConstraintException: 'The bucket cannot be made here; set "region", or "locationConstraint".',
  InvalidLocationConstraint: 'The service does not know the location; set "locationConstraint", "" for none.',
};

/** What a code of S3 means; undefined for one that the table does not know. */
export function codeOf(providerCode: string): ErrorCode | undefined {
  return Object.hasOwn(CODES, providerCode) ? CODES[providerCode] : undefined;
}

export interface ErrorContext {
  /** What a 404 means for this call, unless the service says it better. */
  readonly notFound: ErrorCode;
  readonly nowMs: number;
}

const REQUEST_ID_HEADERS = ['x-amz-request-id', 'x-trans-id', 'cf-ray'];

/** Makes the one error of a refused request. */
export function toError(response: WireResponse, context: ErrorContext): StorageError {
  const body = parseErrorDocument(response.bytes);
  const facts = classifyStatus(response, { ...context, requestIdHeaders: REQUEST_ID_HEADERS });
  const code = classify(response, body?.code, facts.code, context);
  const said = body?.message ?? '';
  const words = [describe(code, body?.code, context), said === '' ? '' : `The service says: ${said.slice(0, 500)}`];
  const message = words.filter((text) => text !== '').join(' ') || `The service answered ${String(response.status)}.`;
  return new StorageError(code, message, {
    ...facts,
    requestId: facts.requestId ?? body?.requestId,
    providerCode: body?.code,
    retryable: body && RETRYABLE.has(body.code) ? true : isRetryable(code, facts.retryable),
  });
}

function classify(
  response: WireResponse,
  providerCode: string | undefined,
  byStatus: ErrorCode,
  { notFound }: ErrorContext,
): ErrorCode {
  // A deletion mark that is read by its version: 405 at Amazon.
  if (response.header('x-amz-delete-marker') === 'true' && response.status >= 400) return 'object-not-found';
  const code = providerCode === undefined ? undefined : codeOf(providerCode);
  // Some services look for the upload as if it were an object.
  if (code === 'object-not-found' && notFound === 'upload-not-found') return notFound;
  return code ?? byStatus;
}

function isRetryable(code: ErrorCode, byStatus: boolean): boolean {
  return byStatus || code === 'rate-limited' || code === 'unavailable' || code === 'timeout';
}

const DESCRIPTIONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  'object-not-found': 'There is no such object.',
  'container-not-found': 'There is no such bucket.',
  'upload-not-found': 'The upload was completed, aborted or swept.',
  'container-exists': 'A bucket of this name exists already.',
  'container-not-empty': 'The bucket is not empty; delete its objects, versions and pending uploads first.',
  unauthenticated:
    'The service does not accept the credentials; check "user", "key", "token" and the clock of this machine.',
  'precondition-failed': 'The object is not in the state that the condition asks for.',
  'not-modified': 'The object was not modified.',
  'rate-limited': 'The service asks to slow down.',
  unsupported: 'The service does not have this call, or not with these options.',
  'range-not-satisfiable': 'The object has no byte in this range.',
};

function describe(code: ErrorCode, providerCode: string | undefined, { notFound }: ErrorContext): string {
  const advice = providerCode !== undefined && Object.hasOwn(ADVICE, providerCode) ? ADVICE[providerCode] : undefined;
  if (advice !== undefined) return advice;
  if (code !== 'permission-denied') return DESCRIPTIONS[code] ?? '';
  return notFound === 'object-not-found'
    ? 'Access is denied. To who may not list the bucket, the service says so of missing objects too.'
    : 'Access is denied.';
}
