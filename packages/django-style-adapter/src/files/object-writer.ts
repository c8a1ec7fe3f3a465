import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { UploadSource } from '@stowage/core';

/** Sends content to the one place that it is for. Resolves when it is stored. */
export type SendContent = (content: UploadSource, options: { readonly signal: AbortSignal }) => Promise<unknown>;

/** Up to here, content is held and sent in one request at the end. */
const HELD_BYTES = 1_048_576;

/** Takes content in many pieces and sends it as one object, which appears whole at `close` and never before. */
export class ObjectWriter {
  readonly #send: SendContent;
  readonly #abort = new AbortController();
  #held: Buffer[] = [];
  #stream: PassThrough | undefined;
  #sending: Promise<unknown> | undefined;
  #size = 0;

  constructor(send: SendContent) {
    this.#send = send;
  }

  /** Bytes taken so far. */
  get size(): number {
    return this.#size;
  }

  /** Takes a piece; resolves when there is room for the next. Rejects with what made the upload fail. */
  async write(piece: Buffer): Promise<void> {
    this.#size += piece.length;
    if (!this.#stream) {
      // The caller may use its memory again.
      this.#held.push(Buffer.from(piece));
      if (this.#size > HELD_BYTES) await this.#startStream();
      return;
    }
    await this.#push(this.#stream, Buffer.from(piece));
  }

  /** Sends what is left and makes the object appear. */
  async close(): Promise<void> {
    if (!this.#sending) {
      await this.#send(Buffer.concat(this.#held), { signal: this.#abort.signal });
      return;
    }
    this.#stream?.end();
    await this.#sending;
  }

  /** Drops everything; nothing appears. */
  async abort(): Promise<void> {
    this.#held = [];
    this.#abort.abort();
    this.#stream?.destroy();
    await this.#sending?.catch(() => undefined);
  }

  async #startStream(): Promise<void> {
    const stream = new PassThrough({ highWaterMark: HELD_BYTES });
    const held = this.#held;
    this.#held = [];
    this.#stream = stream;
    this.#sending = this.#send(stream, { signal: this.#abort.signal });
    // Told by write() or close(), whichever comes next.
    this.#sending.catch(() => undefined);
    await this.#push(stream, Buffer.concat(held));
  }

  async #push(stream: PassThrough, piece: Buffer): Promise<void> {
    if (stream.destroyed) await this.#sending;
    if (stream.write(piece)) return;
    const stop = new AbortController();
    const drained = once(stream, 'drain', { signal: stop.signal });
    drained.catch(() => undefined);
    await Promise.race([drained, this.#sending]).finally(() => stop.abort());
  }
}
