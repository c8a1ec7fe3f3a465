/** Something that ends when a signal fires. */
export interface Abortable {
  /** Where the watch list keeps it; written by the list alone. */
  watchIndex: number;
  abort(reason: unknown): void;
}

/**
 * One listener for each signal, however many requests share it: core gives the same signal to all calls of a second, and a
 * listener of its own for each request would cost more than its signature.
 */
const lists = new WeakMap<AbortSignal, WatchList>();

/** Those who wait for one signal. */
export class WatchList {
  readonly #signal: AbortSignal;
  readonly #watching: Abortable[] = [];
  #isLeaving = false;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this, { once: true });
  }

  add(abortable: Abortable): void {
    abortable.watchIndex = this.#watching.length;
    this.#watching.push(abortable);
  }

  delete(abortable: Abortable): void {
    const at = abortable.watchIndex;
    if (this.#watching[at] !== abortable) return;
    const last = this.#watching.pop() as Abortable;
    if (last !== abortable) {
      this.#watching[at] = last;
      last.watchIndex = at;
    }
    if (this.#watching.length > 0 || this.#isLeaving) return;
    // The next request of a series most often comes at once.
    this.#isLeaving = true;
    setImmediate(() => this.#leave());
  }

  /** The signal fired. */
  handleEvent(): void {
    lists.delete(this.#signal);
    for (const each of this.#watching.splice(0)) each.abort(this.#signal.reason);
  }

  #leave(): void {
    this.#isLeaving = false;
    if (this.#watching.length > 0) return;
    this.#signal.removeEventListener('abort', this);
    lists.delete(this.#signal);
  }
}

/** Calls `abort` when the signal fires, until it is deleted from the list that is returned. The signal must not have fired. */
export function watchSignal(signal: AbortSignal, abortable: Abortable): WatchList {
  let list = lists.get(signal);
  if (list === undefined) {
    list = new WatchList(signal);
    lists.set(signal, list);
  }
  list.add(abortable);
  return list;
}
