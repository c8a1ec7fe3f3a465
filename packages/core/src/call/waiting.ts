import { type Abortable, type WatchList, watchSignal } from '../spi/watch-list.js';
import { reasonOf } from './scope.js';

/** How long a driver may take to clean up after its signal fired, before the call ends without it. */
const ABORT_GRACE_MS = 5_000;

/** Waits, or until the signal of a scope fires; resolves with true when it did. */
export function sleep(delayMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (isAborted: boolean): void => {
      clearTimeout(timer);
      list.delete(sleeper);
      resolve(isAborted);
    };
    const sleeper: Abortable = { watchIndex: -1, abort: () => done(true) };
    const timer = setTimeout(() => done(false), delayMs);
    const list = watchSignal(signal, sleeper);
  });
}

/** One attempt of a call, whose driver may not heed the signal. */
class Attempt<T> implements Abortable {
  watchIndex = -1;
  readonly #signal: AbortSignal;
  readonly #list: WatchList | undefined;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(signal: AbortSignal, resolve: (value: T) => void, reject: (error: unknown) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    if (signal.aborted) this.abort();
    else this.#list = watchSignal(signal, this);
  }

  abort(): void {
    this.#timer = setTimeout(() => this.#reject(reasonOf(this.#signal)), ABORT_GRACE_MS);
  }

  readonly succeed = (value: T): void => {
    this.#end();
    this.#resolve(value);
  };

  readonly fail = (error: unknown): void => {
    this.#end();
    this.#reject(error);
  };

  #end(): void {
    this.#list?.delete(this);
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }
}

/**
 * Settles as the attempt does; when the signal of its scope fires and the driver does not heed it, rejects a little later without it.
 */
export function withinGrace<T>(signal: AbortSignal, attempt: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const { succeed, fail } = new Attempt<T>(signal, resolve, reject);
    attempt.then(succeed, fail);
  });
}
