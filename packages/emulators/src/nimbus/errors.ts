import { STATUS_CODES } from 'node:http';
import type { EmulatedResponse } from '../http-answer.js';

/** What the server refuses; the data servers say it in plain text, the management of collections in JSON. */
export class NimbusError extends Error {
  constructor(
    readonly status: number,
    message = '',
    readonly answer: Partial<EmulatedResponse> = {},
  ) {
    super(message);
  }

  /** As WebOb writes it for who does not ask for HTML. */
  toResponse(): EmulatedResponse {
    const { status, message } = this;
    const body = `${String(status)} ${STATUS_CODES[status] ?? ''}\n\n${message}\n\n`;
    return { status, headers: { 'content-type': 'text/plain; charset=UTF-8' }, body, ...this.answer };
  }
}

/** The director in front of the servers answers in its own way: no headers, and the connection ends. */
export function directorRefusal(status: number, body: string): NimbusError {
  return new NimbusError(status, body, { headers: {}, body, endsWithConnection: true });
}

export function json(value: unknown, status = 200): EmulatedResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value, undefined, 4) };
}

export function jsonRefusal(status: number, value: unknown): NimbusError {
  return new NimbusError(status, JSON.stringify(value), json(value, status));
}

/** An exception that nobody caught. */
export function crash(reason: string): NimbusError {
  return new NimbusError(500, reason);
}
