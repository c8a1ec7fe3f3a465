import { type ErrorCode, StorageError } from '@stowage/core/spi';
import { classifyStatus, type WireResponse } from '@stowage/http';

export interface ErrorContext {
  /** What a 404 means for this call, unless the director says that there is no collection. */
  readonly notFound: ErrorCode;
  /** What a 403 means: the manager of collections says so of those that are not there. */
  readonly forbidden: ErrorCode;
  readonly nowMs: number;
}

/** Makes the one error of a refused request. */
export function toError(response: WireResponse, context: ErrorContext): StorageError {
  const { status } = response;
  const said = saidBy(response);
  const facts = classifyStatus(response, { ...context, requestIdHeaders: ['x-nimbus-io-user-request-id'] });
  const { code, retryable } = classify(status, said, context) ?? facts;
  const words = [DESCRIPTIONS[code] ?? `The server answered ${String(status)}.`];
  if (said !== '' && code !== 'object-not-found' && code !== 'container-not-found') words.push(`It says: ${said}`);
  return new StorageError(code, words.join(' '), { ...facts, retryable });
}

/** Statuses whose meaning the text or the call decides. */
function classify(
  status: number,
  said: string,
  { notFound, forbidden }: ErrorContext,
): { readonly code: ErrorCode; readonly retryable: boolean } | undefined {
  if (status === 404)
    return { code: /no such collection/i.test(said) ? 'container-not-found' : notFound, retryable: false };
  if (status === 403) return { code: forbidden, retryable: false };
  if (status === 409) return { code: 'container-exists', retryable: false };
  if (status === 400 && said.includes('md5')) return { code: 'checksum-mismatch', retryable: true };
  // The body that arrived was cut short on its way.
  if (status === 400 && said.includes('content length')) return { code: 'unavailable', retryable: true };
  return undefined;
}

/** The sentence of the server: a field of JSON, or the last line of plain text, in printable characters. */
function saidBy({ bytes }: WireResponse): string {
  const text = bytes.toString('utf8', 0, 4096);
  const lines = text
    .replace(/<[^>]*>/g, '\n')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const sentence = text.startsWith('{') ? text.replace(/\s+/g, ' ') : (lines.at(-1) ?? '');
  return sentence.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}

const DESCRIPTIONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  'object-not-found': 'There is no such object.',
  'container-not-found': 'There is no such container, or it belongs to another user.',
  'container-exists': 'A container of this name exists already, here or at another user: names are global.',
  'upload-not-found': 'The upload was completed, aborted or swept.',
  unauthenticated:
    'The server does not accept the signature; check "user", "key", "key_id" and the clock of this machine.',
  'permission-denied': 'The access control of the container forbids it.',
  'checksum-mismatch': 'The body arrived damaged; nothing was stored.',
  'precondition-failed': 'The object is not in the state that the condition asks for.',
  timeout: 'The server waited for the body too long.',
  unavailable: 'The server is in trouble.',
};
