import { channel } from 'node:diagnostics_channel';

/** What every message of a request says. Nothing in it is secret. */
export interface RequestMessage {
  /** Counts the requests of this process, from 1; the same in all messages of one request. */
  readonly id: number;
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** Names in lower case and values in turn. */
  readonly headers: readonly string[];
  /** Which attempt of its call the request is, from 1. */
  readonly attempt: number;
}

export interface AnswerMessage extends RequestMessage {
  readonly status: number;
  readonly responseHeaders: readonly string[];
  /** Milliseconds from the start until the head of the answer was there. */
  readonly waitMs: number;
}

export interface EndMessage extends RequestMessage {
  readonly status: number | undefined;
  /** Milliseconds from the start to the end. */
  readonly durationMs: number;
  /** Bytes of the answer's body. */
  readonly receivedBytes: number;
}

export interface ErrorMessage extends EndMessage {
  readonly error: Error;
}

/** `stowage:request:start` (RequestMessage): a request is about to be sent, or to wait for a connection. */
export const startChannel = channel('stowage:request:start');
/** `stowage:request:answer` (AnswerMessage): the head of the answer is there. */
export const answerChannel = channel('stowage:request:answer');
/** `stowage:request:end` (EndMessage): the answer is complete. */
export const endChannel = channel('stowage:request:end');
/** `stowage:request:error` (ErrorMessage): there is no answer, or not the whole of it. */
export const errorChannel = channel('stowage:request:error');
