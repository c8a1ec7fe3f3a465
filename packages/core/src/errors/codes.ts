/**
 * What went wrong, in terms that a caller can act on. The list is closed: a driver maps each provider code or status to one
 * of these, and `unknown` keeps what no table knows.
 */
export type ErrorCode =
  | 'object-not-found'
  | 'container-not-found'
  | 'object-exists'
  | 'container-exists'
  | 'container-not-empty'
  | 'upload-not-found'
  | 'invalid-argument'
  | 'unauthenticated'
  | 'permission-denied'
  | 'precondition-failed'
  | 'not-modified'
  | 'range-not-satisfiable'
  | 'checksum-mismatch'
  | 'quota-exceeded'
  | 'rate-limited'
  | 'unavailable'
  | 'timeout'
  | 'aborted'
  | 'unsupported'
  | 'driver-missing'
  | 'driver-incompatible'
  | 'closed'
  | 'unknown';

/** Codes after which the same request may succeed without any change, used when an error does not say so itself. */
const RETRYABLE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['rate-limited', 'unavailable', 'timeout']);

/** True when an error of this code is worth another attempt, unless the error says otherwise. */
export function isRetryableCode(code: ErrorCode): boolean {
  return RETRYABLE_CODES.has(code);
}
