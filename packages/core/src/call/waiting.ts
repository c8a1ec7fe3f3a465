import { reasonOf } from './scope.js';

/** How long a driver may take to clean up after its signal fired, before the call ends without it. */
const ABORT_GRACE_MS = 5_000;

/** Waits, or until the signal fires; resolves with true when it did. */
export function sleep(delayMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve(signal.aborted);
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener('abort', done);
  });
}

/** Settles as the attempt does; when the signal fires and the driver does not heed it, rejects a little later without it. */
export function withinGrace<T>(signal: AbortSignal, attempt: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      timer = setTimeout(() => reject(reasonOf(signal)), ABORT_GRACE_MS);
    };
    const done = (): void => {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
      resolve(attempt);
    };
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    attempt.then(done, done);
  });
}
