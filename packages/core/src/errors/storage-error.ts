import { type ErrorCode, isRetryableCode } from './codes.js';

/** Shared by every copy of core in one process: `instanceof` fails between two copies, a registered symbol does not. */
const BRAND: unique symbol = Symbol.for('@stowage/core.StorageError') as never;

/** What is known about a failure beside its code and sentence. Every field is safe to log: none ever holds a secret. */
export interface ErrorFacts {
  /** Provider as the caller named it, such as `s3_us_west` or `local`. */
  readonly provider?: string | undefined;
  /** Portable operation, such as `put` or `listContainers`. */
  readonly operation?: string | undefined;
  readonly container?: string | undefined;
  readonly key?: string | undefined;
  /** HTTP status, where a server answered. */
  readonly status?: number | undefined;
  /** The provider's own code, such as `NoSuchKey` or `1003`. */
  readonly providerCode?: string | undefined;
  /** The provider's name for the failed request: what its support asks for. */
  readonly requestId?: string | undefined;
  /** Attempts made when the call gave up; 1 when nothing was retried. */
  readonly attempts?: number | undefined;
  /** True when the same request may succeed later. Defaults to what the code implies. */
  readonly retryable?: boolean | undefined;
  /** Milliseconds that the server asked the client to wait. */
  readonly retryAfterMs?: number | undefined;
  /**
   * True when a call that changes something may have done it although it failed: an attempt was sent and its answer was lost.
   */
  readonly outcomeUnknown?: boolean | undefined;
  /** False: the request certainly never left; true: the store may have acted on it. Undefined where nobody can tell. */
  readonly requestSent?: boolean | undefined;
  /**
   * True when the driver has mended what made the attempt fail, such as a token that was revoked or a region that it did not know: the
   * next attempt goes at once, and is not charged to the budget of retries.
   */
  readonly mended?: boolean | undefined;
  readonly cause?: unknown;
}

/** The one error that Stowage throws: `code` to act on, facts to search for, the cause kept. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: ErrorCode;
  readonly provider: string | undefined;
  readonly operation: string | undefined;
  readonly container: string | undefined;
  readonly key: string | undefined;
  readonly status: number | undefined;
  readonly providerCode: string | undefined;
  readonly requestId: string | undefined;
  readonly attempts: number | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly outcomeUnknown: boolean;
  readonly requestSent: boolean | undefined;
  readonly mended: boolean;
  /** What failed while the remains of the failed call were cleaned up, such as the parts of an upload; missing when nothing did. */
  declare cleanUpError?: unknown;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.provider = facts.provider;
    this.operation = facts.operation;
    this.container = facts.container;
    this.key = facts.key;
    this.status = facts.status;
    this.providerCode = facts.providerCode;
    this.requestId = facts.requestId;
    this.attempts = facts.attempts;
    this.retryable = facts.retryable ?? (facts.mended === true || isRetryableCode(code));
    this.retryAfterMs = facts.retryAfterMs;
    this.outcomeUnknown = facts.outcomeUnknown ?? false;
    this.requestSent = facts.requestSent;
    this.mended = facts.mended ?? false;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Plain facts without cause and stack, fit for a log line. */
  toJSON(): Record<string, unknown> {
    const { name, message, code, provider, operation, container, key, status, providerCode, requestId, attempts } =
      this;
    const { retryable, retryAfterMs } = this;
    const outcomeUnknown = this.outcomeUnknown || undefined;
    const answer = { status, providerCode, requestId, attempts, retryAfterMs, outcomeUnknown };
    const facts = { provider, operation, container, key, ...answer };
    const known = Object.entries(facts).filter(([, value]) => value !== undefined);
    return { name, code, message, retryable, ...Object.fromEntries(known) };
  }
}

/** True for a StorageError of any copy of core; with `code`, only for that code. */
export function isStorageError(error: unknown, code?: ErrorCode): error is StorageError {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return code === undefined || (error as unknown as StorageError).code === code;
}
