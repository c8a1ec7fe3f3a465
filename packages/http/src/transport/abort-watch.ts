/** Something that ends when a signal fires. */
export interface Abortable {
  /** Where the watch list keeps it; written by the list alone. */
  watchIndex: number;
  abort(reason: unknown): void;
}

/** Those who wait for one signal. */
export class WatchList {
  readonly #watching: Abortable[] = [];

  add(abortable: Abortable): void {
    abortable.watchIndex = this.#watching.length;
    this.#watching.push(abortable);
  }

  delete(abortable: Abortable): void {
    const at = abortable.watchIndex;
    if (this.#watching[at] !== abortable) return;
    const last = this.#watching.pop() as Abortable;
    if (last === abortable) return;
    this.#watching[at] = last;
    last.watchIndex = at;
  }

  abort(reason: unknown): void {
    for (const each of this.#watching.splice(0)) each.abort(reason);
  }
}

/**
 * One listener for each signal, however many requests share it: core gives the same signal to all calls of a second, and a
 * listener of its own for each request would cost more than its signature.
 */
const lists = new WeakMap<AbortSignal, WatchList>();

/** Calls `abort` when the signal fires, until it is deleted from the list that is returned. The signal must not have fired. */
export function watchSignal(signal: AbortSignal, abortable: Abortable): WatchList {
  let list = lists.get(signal);
  if (list === undefined) {
    const created = new WatchList();
    list = created;
    lists.set(signal, created);
    signal.addEventListener('abort', () => created.abort(signal.reason), { once: true });
  }
  list.add(abortable);
  return list;
}
