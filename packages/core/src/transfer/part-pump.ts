import { setMaxListeners } from 'node:events';
import { reasonOf } from '../call/scope.js';

/** What the pump moves, and within which bounds. */
export interface PumpInput<Part extends { readonly size: number }> {
  readonly reader: { readonly nextSize: number; next(): Promise<Part | undefined> };
  /** Sends one part. `signal` fires when any part fails or the whole transfer ends. */
  send(part: Part, signal: AbortSignal): Promise<void>;
  /** Parts that are sent at once. */
  readonly concurrency: number;
  /** Bytes that all parts in memory hold together. With larger parts fewer are under way, down to one beside the one that is read. */
  readonly budgetBytes: number;
  /** Ends the transfer. */
  readonly signal: AbortSignal;
}

/**
 * Reads parts in order and sends several at once. The source is read no faster than parts are sent. After a failure nothing more
 * is read, what is under way is aborted and waited for, and the first failure is thrown.
 */
export async function pumpParts<Part extends { readonly size: number }>(input: PumpInput<Part>): Promise<void> {
  await new Pump(input).run();
}

class Pump<Part extends { readonly size: number }> {
  readonly #input: PumpInput<Part>;
  readonly #siblings = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #bytes = 0;
  #failed: { readonly error: unknown } | undefined;
  #interrupt: () => void = () => undefined;
  readonly #interrupted: Promise<void>;

  constructor(input: PumpInput<Part>) {
    this.#input = input;
    this.#interrupted = new Promise((resolve) => (this.#interrupt = resolve));
  }

  async run(): Promise<void> {
    const { signal } = this.#input;
    // Each part that is under way listens.
    setMaxListeners(0, this.#siblings.signal);
    const onAbort = (): void => this.#fail(reasonOf(signal));
    signal.addEventListener('abort', onAbort);
    try {
      if (signal.aborted) onAbort();
      await this.#pump();
    } catch (error) {
      this.#fail(error);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    await Promise.all(this.#underWay);
    if (this.#failed) throw this.#failed.error;
  }

  /** Ends when the source has ended and the last parts are under way, or something failed. */
  async #pump(): Promise<void> {
    const { reader, concurrency } = this.#input;
    for (;;) {
      await this.#until(() => this.#hasRoom(reader.nextSize));
      if (this.#failed) return;
      const part = await this.#unlessInterrupted(reader.next());
      if (!part) return;
      await this.#until(() => this.#underWay.size < concurrency);
      // It may have changed while the pump waited.
      if (this.#failed as unknown) return;
      this.#start(part);
    }
  }

  #hasRoom(size: number): boolean {
    const { concurrency, budgetBytes } = this.#input;
    if (this.#underWay.size > concurrency) return false;
    return this.#underWay.size <= 1 || this.#bytes + size <= budgetBytes;
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!this.#failed && !condition()) await Promise.race(this.#underWay);
  }

  /** A source that never answers must not keep a failed transfer waiting. */
  async #unlessInterrupted<T>(reading: Promise<T>): Promise<T | undefined> {
    const result = await Promise.race([reading, this.#interrupted]);
    return result ?? undefined;
  }

  #start(part: Part): void {
    this.#bytes += part.size;
    const sending = this.#input
      .send(part, this.#siblings.signal)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#bytes -= part.size;
        this.#underWay.delete(sending);
      });
    this.#underWay.add(sending);
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = { error };
    this.#interrupt();
    this.#siblings.abort(error);
  }
}
