import type { CallContext, StorageError } from '@stowage/core/spi';
import type { WireRequest, WireResponse } from '../wire.js';
import { answerChannel, endChannel, errorChannel, type RequestMessage, startChannel } from './channels.js';
import { redactHeaders, redactPath } from './redact.js';
import type { WireLog } from './wire-log.js';

/** Tells subscribers and the wire log of one request. */
export interface Trace {
  answered(response: WireResponse): void;
  received(bytes: number): void;
  /** `bytes` are those of a collected body; those of a stream were told by `received`. */
  completed(bytes: number | undefined): void;
  failed(error: StorageError): void;
}

let lastId = 0;

function isWatched(): boolean {
  return (
    startChannel.hasSubscribers ||
    answerChannel.hasSubscribers ||
    endChannel.hasSubscribers ||
    errorChannel.hasSubscribers
  );
}

function lines(prefix: string, headers: readonly string[]): string {
  let text = '';
  for (let at = 0; at < headers.length; at += 2)
    text += `\n${prefix} ${headers[at] as string}: ${headers[at + 1] as string}`;
  return text;
}

class RequestTrace implements Trace {
  readonly #message: RequestMessage;
  readonly #log: WireLog | undefined;
  readonly #startMs = performance.now();
  #receivedBytes = 0;
  #status: number | undefined;

  constructor(message: RequestMessage, log: WireLog | undefined) {
    this.#message = message;
    this.#log = log;
    const { id, method, origin, path, attempt, headers } = message;
    startChannel.publish(message);
    this.#write(`#${id} > ${method} ${origin}${path} (attempt ${attempt})${lines(`#${id} >`, headers)}`);
  }

  answered(response: WireResponse): void {
    this.#status = response.status;
    const waitMs = this.#elapsedMs();
    const responseHeaders = redactHeaders(response.headersWithPrefix(''));
    answerChannel.publish({ ...this.#message, status: response.status, responseHeaders, waitMs });
    const { id } = this.#message;
    this.#write(`#${id} < ${response.status} after ${waitMs.toFixed(1)} ms${lines(`#${id} <`, responseHeaders)}`);
  }

  received(bytes: number): void {
    this.#receivedBytes += bytes;
  }

  completed(bytes: number | undefined): void {
    this.#receivedBytes += bytes ?? 0;
    const end = this.#end();
    endChannel.publish(end);
    this.#write(`#${end.id} = ${end.receivedBytes} bytes, ${end.durationMs.toFixed(1)} ms`);
  }

  failed(error: StorageError): void {
    const end = this.#end();
    errorChannel.publish({ ...end, error });
    this.#write(`#${end.id} ! ${error.code}: ${error.message} (${end.durationMs.toFixed(1)} ms)`);
  }

  #end(): RequestMessage & { status: number | undefined; durationMs: number; receivedBytes: number } {
    return {
      ...this.#message,
      status: this.#status,
      durationMs: this.#elapsedMs(),
      receivedBytes: this.#receivedBytes,
    };
  }

  #elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  #write(text: string): void {
    this.#log?.(`${new Date().toISOString()} ${text}`);
  }
}

/** Begins to tell of a request; undefined, and without any cost, when nobody listens. */
export function startTrace(request: WireRequest, ctx: CallContext, log: WireLog | undefined): Trace | undefined {
  if (log === undefined && !isWatched()) return undefined;
  const { method, origin, path, headers } = request;
  const message: RequestMessage = {
    id: ++lastId,
    method,
    origin,
    path: redactPath(path),
    headers: redactHeaders(headers),
    attempt: ctx.attempt,
  };
  return new RequestTrace(message, log);
}
