const TICK_MS = 4;

/** Holds one connection to a number of bytes a second, each way. */
export class Pace {
  #bytesPerMs;
  #readFromMs = 0;
  #read = 0;

  /** @param {number} bytesPerSecond */
  constructor(bytesPerSecond) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** Stops reading for as long as the bytes that came should have taken. @param {import('node:net').Socket} socket @param {number} bytes */
  holdReads(socket, bytes) {
    const now = performance.now();
    if (now - this.#readFromMs > this.#read / this.#bytesPerMs) {
      this.#readFromMs = now;
      this.#read = 0;
    }
    this.#read += bytes;
    const waitMs = this.#readFromMs + this.#read / this.#bytesPerMs - now;
    if (waitMs < TICK_MS) return;
    socket.pause();
    setTimeout(() => socket.resume(), waitMs);
  }

  /** Calls `write` with the number of bytes that are due, until it says that all is written. @param {(dueBytes: number) => boolean} write */
  run(write) {
    const startMs = performance.now();
    let given = 0;
    const step = () => {
      const due = Math.floor((performance.now() - startMs) * this.#bytesPerMs) - given;
      given += due;
      if (!write(due)) setTimeout(step, TICK_MS);
    };
    setTimeout(step, TICK_MS);
  }
}
