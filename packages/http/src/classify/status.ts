import type { ErrorCode } from '@stowage/core/spi';
import { parseHttpDateMs } from '../dates.js';
import type { WireResponse } from '../wire.js';

/** What an answer from 300 on means, as far as its status and headers tell; ready for the facts of a `StorageError`. */
export interface StatusFacts {
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
}

export interface StatusContext {
  /** What 404 means for this request. */
  readonly notFound: ErrorCode;
  /** Headers that name the request, best first, in lower case, such as `x-amz-request-id`. */
  readonly requestIdHeaders: readonly string[];
  readonly nowMs: number;
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  304: 'not-modified',
  400: 'invalid-argument',
  401: 'unauthenticated',
  403: 'permission-denied',
  405: 'unsupported',
  407: 'unauthenticated',
  408: 'timeout',
  411: 'invalid-argument',
  412: 'precondition-failed',
  413: 'quota-exceeded',
  414: 'invalid-argument',
  416: 'range-not-satisfiable',
  417: 'unsupported',
  422: 'checksum-mismatch',
  429: 'rate-limited',
  431: 'invalid-argument',
  // Swift and Cloud Files: "Rate Limited".
  498: 'rate-limited',
  501: 'unsupported',
  505: 'unsupported',
  507: 'quota-exceeded',
};

const RETRYABLE: ReadonlySet<number> = new Set([408, 429, 498]);
/** Server errors that the same request meets again. */
const LASTING: ReadonlySet<number> = new Set([501, 505, 507]);

function codeOf(status: number, notFound: ErrorCode): ErrorCode {
  if (status === 404 || status === 410) return notFound;
  return CODES[status] ?? (status >= 500 ? 'unavailable' : 'unknown');
}

/** Reads `Retry-After`, seconds or a date, into milliseconds from now; undefined when there is none. */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d{1,9}(\.\d+)?\s*$/.test(value)) return Math.ceil(Number(value) * 1000);
  const dateMs = parseHttpDateMs(value);
  return dateMs === undefined ? undefined : Math.max(0, dateMs - nowMs);
}

/**
 * Classifies an answer by status and headers alone: 304 `not-modified`; 400, 411, 414 and 431 `invalid-argument`; 401 and 407
 * `unauthenticated`; 403 `permission-denied`; 404 and 410 `notFound`; 408 `timeout`; 412 `precondition-failed`; 413 and 507
 * `quota-exceeded`; 416 `range-not-satisfiable`; 422 `checksum-mismatch`; 429 and 498 `rate-limited`; 405, 417, 501 and 505
 * `unsupported`; any other from 500 on `unavailable`, and 409 and what is left `unknown`. Worth another attempt are 408, 429, 498 and
 * those from 500 on but 501, 505 and 507.
 *
 * Drivers look into their own table of provider codes first; this is for what the table does not know and for answers without a body.
 * Ask the table only from 400 on, where a service gives 304 and 412 one code, and take `retryable` from it too: that of the status may
 * not fit.
 */
export function classifyStatus(response: WireResponse, context: StatusContext): StatusFacts {
  const { status } = response;
  const name = context.requestIdHeaders.find((header) => response.header(header) !== undefined);
  return {
    code: codeOf(status, context.notFound),
    status,
    retryable: RETRYABLE.has(status) || (status >= 500 && !LASTING.has(status)),
    retryAfterMs: retryAfterMs(response.header('retry-after'), context.nowMs),
    requestId: name === undefined ? undefined : response.header(name),
  };
}
