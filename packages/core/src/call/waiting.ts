import { reasonOf } from './scope.js';

/** How long a driver may take to clean up after its signal fired, before the call ends without it. */
const ABORT_GRACE_MS = 5_000;

/** What waits for a signal. A signal searches its listeners one by one, and a storage has one signal for thousands of calls. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

function waitingFor(signal: AbortSignal): Set<() => void> {
  const known = waiting.get(signal);
  if (known) return known;
  const callbacks = new Set<() => void>();
  waiting.set(signal, callbacks);
  signal.addEventListener('abort', () => {
    for (const callback of callbacks) callback();
  });
  return callbacks;
}

/** Waits, or until the signal of a scope fires; resolves with true when it did. */
export function sleep(delayMs: number, signal: AbortSignal): Promise<boolean> {
  const callbacks = waitingFor(signal);
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      callbacks.delete(done);
      resolve(signal.aborted);
    };
    const timer = setTimeout(done, delayMs);
    callbacks.add(done);
  });
}

/**
 * Settles as the attempt does; when the signal of its scope fires and the driver does not heed it, rejects a little later without it.
 */
export function withinGrace<T>(signal: AbortSignal, attempt: Promise<T>): Promise<T> {
  const callbacks = waitingFor(signal);
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      timer = setTimeout(() => reject(reasonOf(signal)), ABORT_GRACE_MS);
    };
    const done = (): void => {
      callbacks.delete(onAbort);
      clearTimeout(timer);
      resolve(attempt);
    };
    callbacks.add(onAbort);
    if (signal.aborted) onAbort();
    attempt.then(done, done);
  });
}
