import type { DriverHost } from '../spi/context.js';

/** How far a transfer has come. */
export interface Progress {
  /** Bytes that are done; never less than what was told before. */
  readonly transferred: number;
  /** Bytes in all; undefined while nobody knows. */
  readonly total: number | undefined;
}

export type ProgressListener = (progress: Progress) => void;

/** Shortest time between two events, in milliseconds; the first and the last come at once. */
const INTERVAL_MS = 100;

/** Tells a listener how a transfer goes on: monotonic, at most ten times a second, and always of the end. */
export class ProgressMeter {
  readonly #listener: ProgressListener | undefined;
  readonly #host: Pick<DriverHost, 'nowMs'>;
  #total: number | undefined;
  #done = 0;
  #told = -1;
  #toldAtMs = -Infinity;
  #isFinished = false;

  constructor(listener: ProgressListener | undefined, total: number | undefined, host: Pick<DriverHost, 'nowMs'>) {
    this.#listener = listener;
    this.#total = total;
    this.#host = host;
  }

  /** Says how many bytes there are in all, once it is known. */
  expect(total: number): void {
    this.#total = total;
  }

  /** Adds bytes that are done. An error of the listener passes on to the transfer. */
  add(bytes: number): void {
    this.reach(this.#done + bytes);
  }

  /** Says how many bytes are done in all; less than before, as when a body is sent again, is not told. */
  reach(done: number): void {
    if (this.#listener === undefined || done <= this.#done) return;
    this.#done = done;
    const nowMs = this.#host.nowMs();
    if (nowMs - this.#toldAtMs < INTERVAL_MS) return;
    this.#toldAtMs = nowMs;
    this.#tell(this.#listener);
  }

  /** Tells of the end, whatever the clock says. */
  finish(done: number): void {
    if (this.#listener === undefined || this.#isFinished) return;
    this.#isFinished = true;
    const isNews = this.#told !== done || this.#total !== done;
    this.#total = done;
    this.#done = done;
    if (isNews) this.#tell(this.#listener);
  }

  #tell(listener: ProgressListener): void {
    this.#told = this.#done;
    listener({ transferred: this.#done, total: this.#total });
  }
}
