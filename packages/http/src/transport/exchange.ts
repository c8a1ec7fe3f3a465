import type { Readable } from 'node:stream';
import type { CallContext } from '@stowage/core/spi';
import { type Abortable, StorageError, type WatchList, watchSignal } from '@stowage/core/spi';
import type { Trace } from '../diagnostics/trace.js';
import type { WireRequest, WireResponse } from '../wire.js';
import { BodyCollector } from './collector.js';
import { BodyStream } from './body-stream.js';
import { proxyRefusal } from './connect-errors.js';
import type { Limits } from './options.js';
import type { Origin } from './origin.js';
import { type OpenBody, openBody } from './request-body.js';
import { RawResponse } from './response.js';
import { abortError, bodyError, classifySocketError, isFromUndici } from './socket-errors.js';

/** The connection that carries an exchange. */
export interface Carrier {
  /** The exchange is over and the connection is as good as before. */
  release(): void;
  /** The exchange failed and the connection with it. */
  discard(): void;
  /** Gives up a connection that does not stand yet. */
  giveUp(error: Error): void;
  /** Takes nothing more from the connection, nor its end, until `goOnReading`. */
  holdReading(): void;
  goOnReading(): void;
  /** What the socket said first: undici forgets a TLS alert when the end of the connection follows it. */
  readonly socketError: Error | undefined;
}

/** What an exchange needs to know of its transport. */
export interface ExchangeSettings {
  readonly limits: Limits;
  /** `host:port` of the server, for messages. */
  readonly label: string;
  /** The proxy that takes requests whole and may refuse them itself. */
  readonly proxy: Origin | undefined;
}

type Drop = (error?: Error) => void;

/**
 * One request and its answer: the handler that undici calls back. It settles its promise once, gives the connection back once,
 * and does both also when the caller's signal fires at any moment.
 */
export class Exchange implements Abortable {
  readonly request: WireRequest;
  readonly #settings: ExchangeSettings;
  readonly #resolve: (response: WireResponse) => void;
  readonly #reject: (error: StorageError) => void;
  readonly #watching: WatchList | undefined;
  watchIndex = -1;
  readonly #trace: Trace | undefined;
  #carrier: Carrier | undefined;
  #drop: Drop | undefined;
  #resume: (() => void) | undefined;
  #body: Readable | undefined;
  #response: RawResponse | undefined;
  #collector: BodyCollector | undefined;
  #stream: BodyStream | undefined;
  /** The body ends where the connection does. */
  #isLengthless = false;
  #wasSent = false;
  #bodyWasSent = false;
  /** Set when the promise is settled or the stream is over; what undici still tells then concerns only the connection. */
  #isOver = false;
  #failure: StorageError | undefined;

  constructor(
    request: WireRequest,
    ctx: CallContext,
    settings: ExchangeSettings,
    trace: Trace | undefined,
    resolve: (response: WireResponse) => void,
    reject: (error: StorageError) => void,
  ) {
    this.request = request;
    this.#settings = settings;
    this.#trace = trace;
    this.#resolve = resolve;
    this.#reject = reject;
    const { signal } = ctx;
    if (signal?.aborted) this.fail(abortError(signal.reason, false));
    else if (signal) this.#watching = watchSignal(signal, this);
  }

  /** True when nobody waits for the answer any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Opens the body for the connection that will carry it. Throws what the body's source throws. */
  begin(carrier: Carrier): OpenBody {
    this.#carrier = carrier;
    const open = openBody(this.request);
    this.#body = open.stream;
    open.stream?.once('error', (error) => {
      if (!isFromUndici(error)) this.fail(bodyError(error));
    });
    return open;
  }

  /** The caller's signal fired. */
  abort(reason: unknown): void {
    this.fail(abortError(reason, this.#wasSent));
  }

  /** Ends the exchange with an error, wherever it is. */
  fail(error: StorageError): void {
    if (this.#isOver) return;
    this.#failure = error;
    this.#finish();
    this.#trace?.failed(error);
    if (this.#stream) this.#stream.destroy(error);
    else this.#reject(error);
    if (this.#drop) this.#drop(error);
    else this.#carrier?.giveUp(error);
    this.#body?.destroy();
  }

  onConnect(drop: Drop): void {
    // Thrown, it takes the request out of undici's queue and leaves the connection alone.
    if (this.#failure) throw this.#failure;
    this.#drop = drop;
    this.#wasSent = true;
  }

  onRequestSent(): void {
    this.#bodyWasSent = true;
  }

  onHeaders(status: number, raw: readonly Buffer[], resume: () => void): boolean {
    if (status < 200) return true;
    const response = new RawResponse(status, raw);
    this.#response = response;
    this.#trace?.answered(response);
    if (status === 407 && this.#settings.proxy) {
      this.fail(proxyRefusal(this.#settings.proxy, status));
      return true;
    }
    const { want } = this.request;
    if (want !== 'stream' || status >= 300) {
      this.#collector = new BodyCollector(response, want === 'document');
      return true;
    }
    this.#resume = resume;
    this.#isLengthless =
      response.header('content-length') === undefined && response.header('transfer-encoding') === undefined;
    this.#stream = new BodyStream(this);
    response.stream = this.#stream;
    this.#resolve(response);
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#stream) {
      this.#trace?.received(chunk.length);
      const isWanted = this.#stream.push(chunk);
      if (isWanted || !this.#isLengthless) return isWanted;
      this.#carrier?.holdReading();
      return true;
    }
    const collector = this.#collector;
    if (!collector || this.#isOver) return true;
    collector.add(chunk);
    this.#checkLength(collector);
    return true;
  }

  onComplete(): void {
    this.#drop = undefined;
    this.#carrier?.release();
    if (this.#isOver) return;
    this.#finish();
    this.#trace?.completed(this.#collector?.length);
    if (this.#stream) this.#stream.push(null);
    else this.#answer();
  }

  onError(error: Error): void {
    const wasQueued = this.#failure !== undefined && !this.#wasSent;
    this.#drop = undefined;
    if (wasQueued) this.#carrier?.release();
    else this.#carrier?.discard();
    if (this.#isOver) return;
    const { limits, label } = this.#settings;
    const { method, headersTimeoutMs = limits.headersTimeoutMs } = this.request;
    const facts = {
      method,
      label,
      headersTimeoutMs,
      wasSent: this.#wasSent,
      bodyWasSent: this.#bodyWasSent,
      wasAnswered: this.#response !== undefined,
    };
    this.fail(classifySocketError(this.#carrier?.socketError ?? error, facts, limits));
  }

  /** The body stream is wanted again. */
  resume(): void {
    if (this.#isLengthless) this.#carrier?.goOnReading();
    else this.#resume?.();
  }

  /** The body stream was destroyed: the rest of the body is not worth the wait. */
  drop(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#trace?.completed(undefined);
    this.#drop?.();
  }

  /** Ends what is too long: an error's text is cut, anything else is refused. */
  #checkLength(collector: BodyCollector): void {
    const { status } = this.#response as RawResponse;
    const isError = status >= 300;
    const max = isError ? this.#settings.limits.maxErrorBytes : (this.request.maxBytes ?? Infinity);
    if (collector.length <= max) return;
    if (!isError) {
      const what = `${this.#settings.label} answered with a body of more than ${max} bytes.`;
      this.fail(new StorageError('unknown', what, { status, requestSent: true }));
      return;
    }
    this.#finish();
    this.#trace?.completed(collector.length);
    this.#answer();
    this.#drop?.();
  }

  #answer(): void {
    const response = this.#response as RawResponse;
    response.body = this.#collector;
    this.#resolve(response);
  }

  #finish(): void {
    this.#isOver = true;
    this.#watching?.delete(this);
  }
}
