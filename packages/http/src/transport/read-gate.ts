import type { Socket } from 'node:net';

/**
 * Holds what a socket has to give back while nobody wants it. Undici pauses its parser instead, and asserts that the parser is not
 * paused when the connection ends; a body whose length is not announced ends just so, and the process with it. Held here, the end of
 * the connection waits behind the bytes, and the other side is slowed down as before.
 */
export class ReadGate {
  readonly #socket: Socket;
  readonly #read: Socket['read'];
  #isHeld = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#read = socket.read.bind(socket);
    socket.read = (size) => (this.#isHeld ? null : (this.#read(size) as unknown));
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    // Undici reads when it is told that there is something, and may be at work up the stack.
    process.nextTick(() => {
      if (!this.#isHeld) this.#socket.emit('readable');
    });
  }
}
