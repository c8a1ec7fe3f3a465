import { reasonOf } from '../call/scope.js';

/**
 * Waits for something that heeds no signal, such as a source that has nothing to give. Rejects as the transfer ends when the signal
 * fires first; what comes later is dropped.
 */
export async function abortable<T>(signal: AbortSignal | undefined, waiting: Promise<T>): Promise<T> {
  if (!signal) return waiting;
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(reasonOf(signal));
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([waiting, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
