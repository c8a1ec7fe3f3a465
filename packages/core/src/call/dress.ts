import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { ErrorCode } from '../errors/codes.js';
import { networkFailure } from './network-codes.js';
import type { Redactor } from './redact.js';

/** What an error says about the call that failed. */
export interface CallFacts {
  readonly provider: string;
  readonly operation: string;
  readonly container?: string | undefined;
  readonly key?: string | undefined;
  readonly attempts?: number | undefined;
  readonly outcomeUnknown?: boolean | undefined;
  /** Why the call was not tried again; added to the message. */
  readonly note?: string | undefined;
}

/** Makes a StorageError of whatever an attempt rejected with; a StorageError stays as it is. */
export function classify(error: unknown, operation: string): StorageError {
  if (isStorageError(error)) return error;
  const failure = networkFailure(error);
  const text = error instanceof Error ? error.message || error.name : String(error);
  if (!failure) return new StorageError('unknown', `${operation} failed: ${text}`, { cause: error });
  const message = `${operation} did not reach the store or lost the connection (${failure.systemCode}): ${text}`;
  return new StorageError(failure.code, message, { providerCode: failure.systemCode, cause: error });
}

/**
 * Makes the error that the user sees: the facts of the call beside those of the driver, and no secret in message, stack and causes.
 * It is a new object, so that a driver may reject many calls with one error.
 */
export function dress(error: StorageError, facts: CallFacts, redactor: Redactor): StorageError {
  const message = redactor.text(facts.note === undefined ? error.message : `${error.message} ${facts.note}`);
  const dressed = new StorageError(error.code, message, {
    provider: facts.provider,
    operation: error.operation ?? facts.operation,
    container: error.container ?? facts.container,
    key: error.key ?? facts.key,
    status: error.status,
    providerCode: error.providerCode === undefined ? undefined : redactor.text(error.providerCode),
    requestId: error.requestId,
    attempts: facts.attempts ?? error.attempts,
    retryable: error.retryable,
    retryAfterMs: error.retryAfterMs,
    outcomeUnknown: facts.outcomeUnknown || error.outcomeUnknown,
    requestSent: error.requestSent,
    cause: redactor.value(error.cause),
  });
  const frames = error.stack?.slice(error.stack.indexOf('\n    at ')) ?? '';
  const stack = redactor.text(`${dressed.name}: ${message}${frames.startsWith('\n') ? frames : ''}`);
  if (error.cleanUpError !== undefined) dressed.cleanUpError = redactor.value(error.cleanUpError);
  Object.defineProperty(dressed, 'stack', { value: stack, configurable: true, writable: true });
  return dressed;
}

/** Answers that say that a request was not carried out, whatever their code. */
const REFUSING_STATUSES: ReadonlySet<number> = new Set([429, 503]);
const LOST_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unavailable',
  'timeout',
  'aborted',
  'closed',
  'unknown',
]);

/** True when the store may have carried out the request that failed so: it was sent, and no answer says that it was refused. */
export function mayHaveRun(error: StorageError): boolean {
  if (!LOST_CODES.has(error.code) || error.requestSent === false) return false;
  if (error.status !== undefined) return error.status >= 500 && !REFUSING_STATUSES.has(error.status);
  return !(networkFailure({ code: error.providerCode, cause: error.cause })?.neverSent ?? false);
}
