import { Readable } from 'node:stream';

/** Bytes that may wait in a stream before the socket is told to pause. */
const HIGH_WATER_MARK = 262_144;

/** What a body stream asks of its request. */
export interface BodySource {
  /** Lets the next bytes come. */
  resume(): void;
  /** Drops the connection: nobody wants the rest. */
  drop(): void;
}

/** The body of an answer as it arrives. The socket pauses while nobody reads; destroying the stream drops the connection. */
export class BodyStream extends Readable {
  readonly #source: BodySource;

  constructor(source: BodySource) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#source = source;
  }

  override _read(): void {
    this.#source.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#source.drop();
    // Whoever awaits the answer may not have had its turn to listen for errors yet; unheard, one would end the process.
    if (error && this.listenerCount('error') === 0) setImmediate(done, error);
    else done(error);
  }
}
