import { type ErrorCode, StorageError } from '@stowage/core/spi';
import { classifyStatus, parseErrorDocument, type WireResponse } from '@stowage/http';
import { parseObject } from './credentials.js';

/**
 * https://cloud.google.com/storage/docs/xml-api/reference-status and the reasons of
 * https://cloud.google.com/storage/docs/json_api/v1/status-codes
 */
const CODES: Readonly<Record<string, ErrorCode>> = {
  NoSuchKey: 'object-not-found',
  NoSuchVersion: 'object-not-found',
  NoSuchBucket: 'container-not-found',
  NoSuchUpload: 'upload-not-found',
  ResumableUploadGone: 'upload-not-found',
  BucketAlreadyExists: 'container-exists',
  BucketAlreadyOwnedByYou: 'container-exists',
  BucketNameUnavailable: 'container-exists',
  BucketNotEmpty: 'container-not-empty',
  BadDigest: 'checksum-mismatch',
  CrcMismatch: 'checksum-mismatch',
  InvalidDigest: 'checksum-mismatch',
  XAmzContentSHA256Mismatch: 'checksum-mismatch',
  InvalidRange: 'range-not-satisfiable',
  requestedRangeNotSatisfiable: 'range-not-satisfiable',
  AccessDenied: 'permission-denied',
  AccountProblem: 'permission-denied',
  ObjectUnderActiveHold: 'permission-denied',
  RetentionPolicyNotMet: 'permission-denied',
  objectUnderActiveHold: 'permission-denied',
  retentionPolicyNotMet: 'permission-denied',
  forbidden: 'permission-denied',
  insufficientPermissions: 'permission-denied',
  AuthenticationRequired: 'unauthenticated',
  CredentialRequired: 'unauthenticated',
  InvalidAccessKeyId: 'unauthenticated',
  InvalidSecurity: 'unauthenticated',
  InvalidToken: 'unauthenticated',
  ExpiredToken: 'unauthenticated',
  RequestTimeTooSkewed: 'unauthenticated',
  SignatureDoesNotMatch: 'unauthenticated',
  NotSignedUp: 'unauthenticated',
  authError: 'unauthenticated',
  PreconditionFailed: 'precondition-failed',
  conditionNotMet: 'precondition-failed',
  EntityTooSmall: 'invalid-argument',
  EntityTooLarge: 'invalid-argument',
  uploadTooLarge: 'invalid-argument',
  ExcessHeaderValues: 'invalid-argument',
  InvalidArgument: 'invalid-argument',
  InvalidBucketName: 'invalid-argument',
  InvalidPart: 'invalid-argument',
  InvalidPartOrder: 'invalid-argument',
  KeyTooLong: 'invalid-argument',
  UserProjectMissing: 'invalid-argument',
  NotImplemented: 'unsupported',
  MethodNotAllowed: 'unsupported',
  TooManyBuckets: 'quota-exceeded',
  quotaExceeded: 'quota-exceeded',
  SlowDown: 'rate-limited',
  TooManyRequests: 'rate-limited',
  rateLimitExceeded: 'rate-limited',
  userRateLimitExceeded: 'rate-limited',
  InternalError: 'unavailable',
  ServiceUnavailable: 'unavailable',
  OperationAborted: 'unavailable',
  backendError: 'unavailable',
  internalError: 'unavailable',
  RequestTimeout: 'timeout',
  requestTimeout: 'timeout',
};

/** What to do about a code whose own message does not say. */
const ADVICE: Readonly<Record<string, string>> = {
  RequestTimeTooSkewed: 'The clock of this machine and that of the service differ by too much; set the clock.',
  UserProjectMissing: 'Whoever asks pays for requests to this bucket; set "userProject" to the project that does.',
  ObjectUnderActiveHold: 'The object is held; release the hold first.',
  RetentionPolicyNotMet: 'The retention policy of the bucket keeps the object from being deleted or replaced yet.',
  ExcessHeaderValues: 'The service takes no mix of its own headers and those of AWS.',
};

/** What a code of Google's means; undefined for one that the table does not know. */
export function codeOf(providerCode: string): ErrorCode | undefined {
  return Object.hasOwn(CODES, providerCode) ? CODES[providerCode] : undefined;
}

export interface ErrorContext {
  /** What a 404 means for this call, unless the service says it better. */
  readonly notFound: ErrorCode;
  readonly nowMs: number;
}

interface Refusal {
  readonly code: string;
  readonly message: string | undefined;
}

const REQUEST_ID_HEADERS = ['x-guploader-uploadid', 'x-goog-request-id'];
/** Worth another attempt although their code is not one that usually is. */
const RETRYABLE = new Set(['BadDigest', 'CrcMismatch', 'XAmzContentSHA256Mismatch']);

/** Makes the one error of a refused request, of either API. */
export function toError(response: WireResponse, context: ErrorContext): StorageError {
  const refusal = readRefusal(response);
  const facts = classifyStatus(response, { ...context, requestIdHeaders: REQUEST_ID_HEADERS });
  const code = classify(refusal, facts, context);
  const said = refusal?.message ?? '';
  const words = [describe(code, refusal?.code, context), said === '' ? '' : `The service says: ${said.slice(0, 500)}`];
  const message = words.filter((text) => text !== '').join(' ') || `The service answered ${String(response.status)}.`;
  return new StorageError(code, message, {
    ...facts,
    providerCode: refusal?.code,
    retryable: (refusal && RETRYABLE.has(refusal.code)) || facts.retryable || isPassing(code),
  });
}

function readRefusal({ bytes }: WireResponse): Refusal | undefined {
  const document = parseErrorDocument(bytes);
  if (document) return { code: document.code, message: document.message };
  return bytes[0] === 0x7b ? readJsonRefusal(bytes.toString()) : undefined;
}

/** `{ "error": { "code": 404, "message": "...", "errors": [{ "reason": "notFound" }] } }` */
function readJsonRefusal(text: string): Refusal | undefined {
  const error = parseObject(text)?.['error'] as { readonly message?: unknown; readonly errors?: unknown } | undefined;
  if (typeof error !== 'object') return undefined;
  const [first] = (Array.isArray(error.errors) ? error.errors : []) as ({ readonly reason?: unknown } | undefined)[];
  const reason = first?.reason;
  const message = typeof error.message === 'string' ? error.message : undefined;
  return { code: typeof reason === 'string' ? reason : 'unknown', message };
}

function classify(
  refusal: Refusal | undefined,
  { code: byStatus, status }: { readonly code: ErrorCode; readonly status: number },
  { notFound }: ErrorContext,
): ErrorCode {
  const known = refusal && codeOf(refusal.code);
  if (known === 'object-not-found' && notFound === 'upload-not-found') return notFound;
  return known ?? byMessage(status, refusal?.message ?? '') ?? byStatus;
}

/** Reasons of the JSON API are few: for what differs in its message only. */
function byMessage(status: number, message: string): ErrorCode | undefined {
  switch (status) {
    case 400:
      return /\b(?:crc32c|md5)\b.*(?:match|differ)/i.test(message) ? 'checksum-mismatch' : undefined;
    case 404:
      return /\bbucket does not exist/.test(message) ? 'container-not-found' : undefined;
    case 409:
      return message.includes('not empty') ? 'container-not-empty' : 'container-exists';
    case 499:
      // A session that was cancelled.
      return 'upload-not-found';
    default:
      return undefined;
  }
}

function isPassing(code: ErrorCode): boolean {
  return code === 'rate-limited' || code === 'unavailable' || code === 'timeout';
}

const DESCRIPTIONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  'object-not-found': 'There is no such object.',
  'container-not-found': 'There is no such bucket.',
  'upload-not-found': 'The upload was completed, aborted or swept.',
  'container-exists': 'A bucket of this name exists already; names are shared by all of Google Cloud Storage.',
  'container-not-empty': 'The bucket is not empty; delete its objects, versions and pending uploads first.',
  unauthenticated: 'The service does not accept the credentials; check them, and the clock of this machine.',
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
