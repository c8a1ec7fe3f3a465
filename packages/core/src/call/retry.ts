import { StorageError } from '../errors/storage-error.js';
import type { DriverHost } from '../spi/context.js';

/** How often and how patiently a failed request is sent again. */
export interface RetryOptions {
  /** Attempts in all, the first included. Default 4. */
  readonly attempts?: number | undefined;
  /** Upper bound of the first wait; it doubles with each attempt, and the wait is a random share of it. Default 100. */
  readonly baseDelayMs?: number | undefined;
  /** Upper bound of any wait that the server did not ask for. Default 20,000. */
  readonly maxDelayMs?: number | undefined;
  /** Longest `Retry-After` that is honoured; a call whose server asks for more fails at once. Default 60,000. */
  readonly maxRetryAfterMs?: number | undefined;
  /**
   * Tokens that all calls of one storage share. A retry takes 5, after a timeout 10; a call that succeeds gives back what its last
   * retry took, or 1. Without tokens nothing is retried, so that clients do not multiply the load of a store in trouble.
   * Default 500.
   */
  readonly budget?: number | undefined;
}

export type RetryPolicy = { readonly [Name in keyof RetryOptions]-?: number };

const DEFAULTS: RetryPolicy = {
  attempts: 4,
  baseDelayMs: 100,
  maxDelayMs: 20_000,
  maxRetryAfterMs: 60_000,
  budget: 500,
};

/** Fills in the defaults. Throws `invalid-argument` for an unknown name or a value that is not a whole number. */
export function readRetryOptions(options: RetryOptions | false | undefined): RetryPolicy {
  if (options === false) return { ...DEFAULTS, attempts: 1 };
  const policy: Record<string, number> = { ...DEFAULTS };
  for (const [name, value] of Object.entries(options ?? {}) as [string, unknown][]) {
    if (!(name in DEFAULTS)) {
      const known = Object.keys(DEFAULTS).join(', ');
      throw new StorageError('invalid-argument', `There is no retry option "${name}"; known are ${known}.`);
    }
    if (value === undefined) continue;
    const least = name === 'attempts' ? 1 : 0;
    if (!Number.isInteger(value) || (value as number) < least) {
      throw new StorageError('invalid-argument', `The retry option "${name}" must be a whole number from ${least} up.`);
    }
    policy[name] = value as number;
  }
  return policy as RetryPolicy;
}

const RETRY_COST = 5;
const TIMEOUT_RETRY_COST = 10;
const SUCCESS_REFUND = 1;

/** Tokens that the calls of one storage share; see `RetryOptions.budget`. */
export class RetryBudget {
  readonly #capacity: number;
  #tokens: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#tokens = capacity;
  }

  /** Takes what a retry after this error costs and returns it; undefined when there is not enough. */
  take(error: StorageError): number | undefined {
    if (error.mended) return 0;
    const cost = error.code === 'timeout' ? TIMEOUT_RETRY_COST : RETRY_COST;
    if (cost > this.#tokens) return undefined;
    this.#tokens -= cost;
    return cost;
  }

  /** Gives back what the call's last retry took; a call without retries adds a little. */
  refund(taken: number | undefined): void {
    if (this.#tokens < this.#capacity) {
      this.#tokens = Math.min(this.#capacity, this.#tokens + (taken ?? SUCCESS_REFUND));
    }
  }
}

/** Whole milliseconds before the next attempt: none after a mended error, else full jitter under a doubling bound, or what the server asked for and a little more. */
export function retryDelayMs(policy: RetryPolicy, attempt: number, error: StorageError, host: DriverHost): number {
  if (error.mended) return 0;
  const share = host.randomBytes(4).readUInt32BE() / 2 ** 32;
  if (error.retryAfterMs !== undefined && error.retryAfterMs > 0) {
    return Math.ceil(error.retryAfterMs + share * policy.baseDelayMs);
  }
  return Math.ceil(share * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1)));
}
