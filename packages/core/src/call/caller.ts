import type { StorageError } from '../errors/storage-error.js';
import type { CallContext, DriverHost } from '../spi/context.js';
import { classify, dress, mayHaveRun } from './dress.js';
import { createRedactor, type Redactor } from './redact.js';
import { readRetryOptions, RetryBudget, retryDelayMs, type RetryOptions, type RetryPolicy } from './retry.js';
import { type CallOptions, type CallScope, reasonOf, Scopes } from './scope.js';
import { sleep, withinGrace } from './waiting.js';

/** What one call is about; the facts of its errors. */
export interface CallSubject {
  /** The portable operation, such as `put`. */
  readonly operation: string;
  readonly container?: string | undefined;
  readonly key?: string | undefined;
  /** False: only one attempt, since the body cannot be sent again. Default true. */
  readonly replayable?: boolean | undefined;
  /** True: the call changes something, so that an error after a lost answer says `outcomeUnknown`. Default false. */
  readonly changes?: boolean | undefined;
  /** Default deadline of this call instead of the storage's; `Infinity` for calls that carry a body. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Decides what became of a call whose earlier attempt may have been carried out and whose later attempt was refused, such as a
 * create-only put that finds an object. Gives the result when the earlier attempt did it, undefined when nobody can tell.
 */
export type Reconcile<T> = (refusal: StorageError, ctx: CallContext) => Promise<{ readonly value: T } | undefined>;

/** A time in which several calls live together: pass `options` to each of them, and `end()` when all is done. */
export interface SharedCall {
  readonly options: CallOptions;
  readonly signal: AbortSignal;
  /** Ends every call that is under way, such as the other parts when one has failed. */
  abort(reason: unknown): void;
  /** Lets go of timers and listeners when all is done. */
  end(): void;
}

/** Runs portable calls: attempts, waits, deadlines, and errors dressed exactly once. */
export interface Caller {
  /**
   * Runs one request with retries. `attempt` makes one request and passes `ctx` on to the driver. Rejects with a StorageError
   * that bears the facts of the call and no secret.
   */
  run<T>(
    subject: CallSubject,
    options: CallOptions,
    attempt: (ctx: CallContext) => Promise<T>,
    reconcile?: Reconcile<T>,
  ): Promise<T>;
  /**
   * Merges the caller's signal, `timeoutMs` and `close()` for work of more than one request, or for a stream that outlives its
   * request. There is no default deadline.
   */
  share(options: CallOptions): SharedCall;
  /** Dresses an error that appears outside `run`, such as while a body is read. What is dressed already stays as it is. */
  dress(error: unknown, subject: CallSubject): StorageError;
}

export interface CallerSettings {
  /** As the caller named it. */
  readonly provider: string;
  readonly host: DriverHost;
  readonly retry: RetryOptions | false;
  /** Default deadline, in milliseconds; `Infinity` for none. */
  readonly timeoutMs: number;
  readonly secrets: readonly string[];
  /** Fires on `close()`, with a StorageError as reason. */
  readonly closed: AbortSignal;
}

export function createCaller(settings: CallerSettings): Caller {
  return new RetryingCaller(settings);
}

/** State of a call that needs more than one attempt. */
interface Course {
  attempts: number;
  taken: number | undefined;
  lostAnswer: boolean;
}

class RetryingCaller implements Caller {
  readonly #provider: string;
  readonly #host: DriverHost;
  readonly #policy: RetryPolicy;
  readonly #budget: RetryBudget;
  readonly #redactor: Redactor;
  readonly #scopes: Scopes;
  readonly #dressed = new WeakSet<StorageError>();

  constructor(settings: CallerSettings) {
    this.#provider = settings.provider;
    this.#host = settings.host;
    this.#policy = readRetryOptions(settings.retry);
    this.#budget = new RetryBudget(this.#policy.budget);
    this.#redactor = createRedactor(settings.secrets);
    this.#scopes = new Scopes(settings.closed, settings.timeoutMs);
  }

  async run<T>(
    subject: CallSubject,
    options: CallOptions,
    attempt: (ctx: CallContext) => Promise<T>,
    reconcile?: Reconcile<T>,
  ): Promise<T> {
    const scope = this.#scopes.open(options, subject.timeoutMs);
    const { signal } = scope;
    try {
      if (signal.aborted) throw this.#dress(reasonOf(signal), subject, { attempts: 0 });
      const result = await withinGrace(signal, attempt({ signal, attempt: 1 }));
      this.#budget.refund(undefined);
      return result;
    } catch (error) {
      if (this.#dressed.has(error as StorageError)) throw error;
      return await this.#goOn(subject, scope, error, attempt, reconcile);
    } finally {
      scope.release();
    }
  }

  share(options: CallOptions): SharedCall {
    const scope = this.#scopes.openOwn(options);
    const { signal } = scope;
    return { options: { signal }, signal, abort: (reason) => scope.abort(reason), end: () => scope.release() };
  }

  dress(error: unknown, subject: CallSubject): StorageError {
    if (this.#dressed.has(error as StorageError)) return error as StorageError;
    return this.#dress(classify(error, subject.operation), subject, {});
  }

  /** Tries again after a first attempt that failed, as long as that makes sense. */
  async #goOn<T>(
    subject: CallSubject,
    scope: CallScope,
    first: unknown,
    attempt: (ctx: CallContext) => Promise<T>,
    reconcile: Reconcile<T> | undefined,
  ): Promise<T> {
    const course: Course = { attempts: 1, taken: undefined, lostAnswer: false };
    const { signal } = scope;
    for (let failure = first; ;) {
      const error = signal.aborted ? reasonOf(signal) : classify(failure, subject.operation);
      const lostNow = mayHaveRun(error);
      if (course.lostAnswer && !lostNow && !error.retryable && reconcile) {
        const settled = await this.#reconcile(subject, signal, reconcile, error);
        if (settled) return settled.value;
      }
      course.lostAnswer ||= lostNow;
      await this.#waitToRetry(subject, scope, error, course);
      try {
        course.attempts++;
        const result = await withinGrace(signal, attempt({ signal, attempt: course.attempts }));
        this.#budget.refund(course.taken);
        return result;
      } catch (next) {
        failure = next;
      }
    }
  }

  /** Resolves when the next attempt is due; rejects with the dressed error when there shall be none. */
  async #waitToRetry(subject: CallSubject, scope: CallScope, error: StorageError, course: Course): Promise<void> {
    const fail = (failure: StorageError, note?: string): StorageError => {
      const outcomeUnknown = subject.changes === true && course.lostAnswer;
      return this.#dress(failure, subject, { attempts: course.attempts, outcomeUnknown, note });
    };
    if (scope.signal.aborted || !error.retryable || subject.replayable === false) throw fail(error);
    if (course.attempts >= this.#policy.attempts) throw fail(error);
    const delayMs = retryDelayMs(this.#policy, course.attempts, error, this.#host);
    const asked = error.retryAfterMs ?? 0;
    if (asked > this.#policy.maxRetryAfterMs) {
      throw fail(
        error,
        `The store asks to wait ${asked} ms, longer than "maxRetryAfterMs" (${this.#policy.maxRetryAfterMs}).`,
      );
    }
    const leftMs = (scope.endsAtMs ?? Infinity) - performance.now();
    if (Math.max(asked, delayMs) >= leftMs) {
      throw fail(error, `Not tried again: the next attempt is due in ${delayMs} ms, after the call's deadline.`);
    }
    course.taken = this.#budget.take(error);
    if (course.taken === undefined)
      throw fail(error, 'Not tried again: too many calls failed, and the retry budget is spent.');
    if (delayMs === 0) return;
    const ended = await sleep(delayMs, scope.signal);
    if (ended) throw fail(reasonOf(scope.signal));
  }

  /** Asks with attempts of its own: the line on which one answer was lost may lose another. */
  async #reconcile<T>(
    { operation, container, key }: CallSubject,
    signal: AbortSignal,
    reconcile: Reconcile<T>,
    refusal: StorageError,
  ): Promise<{ readonly value: T } | undefined> {
    try {
      const subject = { operation, container, key, timeoutMs: Infinity };
      return await this.run(subject, { signal }, (ctx) => reconcile(refusal, ctx));
    } catch {
      // The refusal itself is what the user must see; it says that the outcome is unknown.
      return undefined;
    }
  }

  #dress(
    error: StorageError,
    subject: CallSubject,
    more: { attempts?: number; outcomeUnknown?: boolean; note?: string | undefined },
  ): StorageError {
    const { operation, container, key } = subject;
    const facts = { provider: this.#provider, operation, container, key, ...more };
    const dressed = dress(error, facts, this.#redactor);
    this.#dressed.add(dressed);
    return dressed;
  }
}

export type { CallOptions } from './scope.js';
export type { RetryOptions } from './retry.js';
