import { setMaxListeners } from 'node:events';
import { isStorageError, StorageError } from '../errors/storage-error.js';

/** What every call of the portable API takes. */
export interface CallOptions {
  /** Ends the call with `aborted`; the signal's reason is the error's cause. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds for the whole call, retries included; then it fails with `timeout`. Calls that carry no body have 60,000 by
   * default (`OpenOptions.timeoutMs`), others none. Of an iteration, it is the time for each page.
   */
  readonly timeoutMs?: number | undefined;
}

/** The time in which one call lives: the caller's signal, its deadline and `close()` in one signal. */
export interface CallScope {
  readonly signal: AbortSignal;
  /** On the clock of `performance.now()`; undefined when the call has no deadline. */
  readonly endsAtMs: number | undefined;
  /** Lets go of timers and listeners. */
  release(): void;
}

/** A scope that its holder can end. */
export interface OwnScope extends CallScope {
  abort(reason: unknown): void;
}

/** Longest time that a timer can wait; what is longer is no deadline. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Calls that begin within this time share one signal for the default deadline. */
const SHARED_WINDOW_MS = 1_000;

/** Signals made here say by their reason, a StorageError, how the call ends. */
const scopeSignals = new WeakSet<AbortSignal>();

/** As many calls as a storage has under way listen to one of its signals: Node must not take that for a leak. */
function markScopeSignal(signal: AbortSignal): void {
  scopeSignals.add(signal);
  setMaxListeners(0, signal);
}

/** Opens scopes for the calls of one storage. */
export class Scopes {
  readonly #closed: AbortSignal;
  readonly #defaultMs: number;
  readonly #untilClose: CallScope;
  #shared: CallScope | undefined;
  #sharedUntilMs = 0;

  constructor(closed: AbortSignal, defaultTimeoutMs: number) {
    this.#closed = closed;
    this.#defaultMs = defaultTimeoutMs;
    this.#untilClose = { signal: closed, endsAtMs: undefined, release: doNothing };
    markScopeSignal(closed);
  }

  /**
   * Opens the scope of a call. A call without signal and deadline of its own costs no AbortSignal and no timer: it shares the
   * storage's signal, and under the default deadline one that all calls of the same second share (so that this deadline ends a
   * call up to a second late).
   */
  open(options: CallOptions, ownTimeoutMs: number | undefined): CallScope {
    const timeoutMs = options.timeoutMs ?? ownTimeoutMs ?? this.#defaultMs;
    const { signal } = options;
    if (signal === undefined && options.timeoutMs === undefined) {
      if (timeoutMs > MAX_TIMER_MS) return this.#untilClose;
      if (timeoutMs === this.#defaultMs) return this.#sharedScope();
    }
    if (signal && timeoutMs > MAX_TIMER_MS && scopeSignals.has(signal)) {
      return { signal, endsAtMs: undefined, release: doNothing };
    }
    return openScope(this.#closed, signal, timeoutMs);
  }

  /** Opens a scope for several calls, without a default deadline. */
  openOwn(options: CallOptions): OwnScope {
    return openScope(this.#closed, options.signal, options.timeoutMs ?? Infinity);
  }

  #sharedScope(): CallScope {
    const nowMs = performance.now();
    if (this.#shared && nowMs < this.#sharedUntilMs) return this.#shared;
    // Calls of this second may end up to a second after their deadline, never before it.
    const scope = openScope(this.#closed, undefined, this.#defaultMs + SHARED_WINDOW_MS, this.#defaultMs);
    this.#sharedUntilMs = nowMs + SHARED_WINDOW_MS;
    this.#shared = { ...scope, release: doNothing };
    return this.#shared;
  }
}

function doNothing(): void {
  // A shared scope ends by itself.
}

function openScope(
  closed: AbortSignal,
  signal: AbortSignal | undefined,
  timerMs: number,
  timeoutMs = timerMs,
): OwnScope {
  const controller = new AbortController();
  markScopeSignal(controller.signal);
  const timed = timerMs <= MAX_TIMER_MS;
  const end = (reason: unknown): void => {
    release();
    controller.abort(reason);
  };
  const onSignal = (): void => end(reasonOf(signal as AbortSignal));
  const onClosed = (): void => end(closed.reason);
  const timer = timed ? setTimeout(() => end(timedOut(timeoutMs)), timerMs) : undefined;
  // The shared deadline must not keep a finished program alive.
  if (timerMs !== timeoutMs) timer?.unref();
  const release = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onSignal);
    closed.removeEventListener('abort', onClosed);
  };
  signal?.addEventListener('abort', onSignal);
  closed.addEventListener('abort', onClosed);
  if (closed.aborted) onClosed();
  else if (signal?.aborted) onSignal();
  return { signal: controller.signal, endsAtMs: timed ? performance.now() + timerMs : undefined, release, abort: end };
}

function timedOut(timeoutMs: number): StorageError {
  return new StorageError(
    'timeout',
    `Not done within ${timeoutMs} ms; give a longer "timeoutMs" if that is too short.`,
  );
}

/** How a call ends whose signal fired. */
export function reasonOf(signal: AbortSignal): StorageError {
  const reason: unknown = signal.reason;
  if (scopeSignals.has(signal) && isStorageError(reason)) return reason;
  return new StorageError('aborted', `Aborted by the caller's signal.`, { cause: reason });
}
