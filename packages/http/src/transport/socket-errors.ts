import { isStorageError, StorageError } from '@stowage/core/spi';
import { clientCertificateHint, systemCodeOf } from './connect-errors.js';
import type { Limits } from './options.js';

/** What was known of a request when its connection failed. */
export interface RequestFacts {
  readonly method: string;
  /** `host:port`. */
  readonly label: string;
  /** The connection was given to the request: the server may have acted on it. */
  readonly wasSent: boolean;
  /** The whole body was handed to the system. */
  readonly bodyWasSent: boolean;
  /** The head of the answer is there. */
  readonly wasAnswered: boolean;
  readonly headersTimeoutMs: number;
}

type Problem = readonly [code: ConstructorParameters<typeof StorageError>[0], what: string, retryable?: boolean];

/** Ends of connections that say nothing about the request. */
const LOST: ReadonlySet<string> = new Set([
  'UND_ERR_SOCKET',
  'UND_ERR_ABORTED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

function problemOf(code: string, facts: RequestFacts, limits: Limits, error: Error): Problem {
  const { label, method } = facts;
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
      return facts.bodyWasSent
        ? ['timeout', `${label} did not answer ${method} within ${facts.headersTimeoutMs} ms.`]
        : ['timeout', `${label} took nothing of the body for ${facts.headersTimeoutMs} ms.`];
    case 'UND_ERR_BODY_TIMEOUT':
      return ['timeout', `${label} stopped in the middle of its answer for ${limits.bodyTimeoutMs} ms.`];
    case 'UND_ERR_HEADERS_OVERFLOW':
      return ['unknown', `${label} answered with headers of more than ${limits.maxHeaderBytes} bytes.`];
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return ['unavailable', `${label} ended its answer before all of the announced body was there.`];
    case 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH':
      return ['invalid-argument', 'The body gives another number of bytes than its size says.'];
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return ['invalid-argument', `The request cannot be sent: ${error.message}.`];
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return ['closed', 'The storage was closed.'];
    default:
      return lostProblem(code, facts, error);
  }
}

function lostProblem(code: string, facts: RequestFacts, error: Error): Problem {
  const { label } = facts;
  if (LOST.has(code)) {
    const when = facts.wasAnswered ? 'in the middle of its answer' : 'before it answered';
    return ['unavailable', `${label} closed the connection ${when} (${code}).`];
  }
  const hint = clientCertificateHint(code);
  if (hint !== undefined) return ['unauthenticated', `${label} closed the connection: ${hint}.`];
  if (error.name === 'HTTPParserError') {
    // Undici's parser tells only by its words that an answer in chunks ended before its last chunk.
    const isCut = /EOF/.test(error.message);
    return isCut
      ? ['unavailable', `${label} closed the connection in the middle of its answer.`]
      : ['unknown', `${label} did not answer in HTTP: ${error.message}.`];
  }
  return ['unknown', `The request to ${label} failed: ${error.message || code}.`];
}

/** Makes the error of a request whose connection or answer failed. A StorageError stays as it is. */
export function classifySocketError(error: Error, facts: RequestFacts, limits: Limits): StorageError {
  if (isStorageError(error)) return error;
  const systemCode = systemCodeOf(error) ?? error.name;
  // Undici's parser keeps what it could not read, which may be what no log should hold.
  Reflect.deleteProperty(error, 'data');
  const [code, what, retryable] = problemOf(systemCode, facts, limits, error);
  const requestSent = facts.wasSent && code !== 'invalid-argument';
  return new StorageError(code, what, { requestSent, providerCode: systemCode, retryable, cause: error });
}

/** Makes the error of a request that the caller's signal ended. */
export function abortError(reason: unknown, requestSent: boolean): StorageError {
  if (isStorageError(reason)) return reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new StorageError('timeout', 'The call did not end in the time that its signal gave.', {
      requestSent,
      cause: reason,
    });
  }
  return new StorageError('aborted', 'The call was aborted.', { requestSent, cause: reason });
}

/** True when undici destroyed a body for a reason of its own, of which it tells separately. */
export function isFromUndici(error: Error): boolean {
  return systemCodeOf(error)?.startsWith('UND_ERR_') === true;
}

/** Makes the error of a body that could not be read, as its source told. */
export function bodyError(error: unknown): StorageError {
  if (isStorageError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new StorageError('unknown', `The body to send cannot be read: ${text}`, { cause: error, retryable: false });
}
