import { type ErrorCode, isStorageError, StorageError } from '@stowage/core/spi';
import { classifyStatus, parseErrorDocument, type WireResponse } from '@stowage/http';

interface Meaning {
  readonly code: ErrorCode;
  /** Worth another attempt although its kind mostly is not, or the other way round. */
  readonly retryable?: boolean;
  /** What to do, where the service's own words do not say it. */
  readonly advice?: string;
}

/** Codes of Atmos; `not-found` stands for whatever the call was about. */
const CODES: Readonly<Record<number, Omit<Meaning, 'code'> & { readonly code: ErrorCode | 'not-found' }>> = {
  1001: { code: 'unavailable' },
  1002: { code: 'invalid-argument' },
  1003: { code: 'not-found' },
  1004: { code: 'range-not-satisfiable', advice: 'The object has no byte in this range.' },
  1005: { code: 'not-found', advice: 'The object has no such tag.' },
  1006: { code: 'unavailable', advice: 'Another operation works on the object.' },
  1007: { code: 'unavailable' },
  1008: { code: 'unsupported', advice: 'The service does not know this path; check "endpoint" and "path".' },
  1009: { code: 'unsupported' },
  1010: { code: 'invalid-argument', advice: 'The object is too large for the store.' },
  1011: { code: 'unavailable', advice: 'The body did not arrive whole.' },
  1012: { code: 'unavailable', advice: 'The body is not as long as its range.' },
  1013: { code: 'unavailable' },
  1014: { code: 'invalid-argument', advice: 'An object takes at most 127 tags.' },
  1015: { code: 'permission-denied', advice: 'Access is denied.' },
  1016: { code: 'object-exists' },
  1019: { code: 'unavailable' },
  1020: { code: 'not-found' },
  1021: { code: 'not-found', advice: 'A part of the path is an object, not a folder.' },
  1022: { code: 'not-found', advice: 'The path is a folder.' },
  1023: { code: 'container-not-empty' },
  1024: { code: 'unavailable' },
  1025: { code: 'unavailable' },
  1026: { code: 'unavailable' },
  1027: { code: 'unavailable' },
  1028: { code: 'unavailable' },
  1029: { code: 'unavailable' },
  1031: {
    code: 'unauthenticated',
    advice: 'The clock of this machine and that of the service differ by too much; set the clock.',
  },
  1032: { code: 'unauthenticated', advice: 'The service computes another signature; check "key" and "endpoint".' },
  1033: { code: 'unauthenticated', advice: 'The service does not know the "user".' },
  1034: { code: 'invalid-argument' },
  1037: { code: 'invalid-argument', advice: 'The page token is none that this listing gave.' },
  1040: { code: 'rate-limited', retryable: true, advice: 'The service is busy.' },
  1041: { code: 'invalid-argument', advice: 'The name is too long for the store.' },
  1042: { code: 'unsupported' },
  1043: { code: 'invalid-argument' },
  1044: { code: 'container-not-found' },
  1045: { code: 'invalid-argument' },
  1046: { code: 'invalid-argument' },
  1047: { code: 'invalid-argument' },
  1048: { code: 'object-exists' },
  1049: { code: 'checksum-mismatch', retryable: true, advice: 'The service received other bytes than were sent.' },
  1050: { code: 'invalid-argument' },
  1051: { code: 'invalid-argument', advice: 'An object that was stored with a checksum can only be appended to.' },
  1052: { code: 'unsupported', advice: 'The service does not know this checksum; set "checksum" to "sha1" or "none".' },
  1053: { code: 'invalid-argument' },
  1054: { code: 'invalid-argument' },
  2003: { code: 'permission-denied', advice: 'The object is under retention.' },
};

const DESCRIPTIONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  'object-not-found': 'There is no such object.',
  'container-not-found': 'There is no such container.',
  'upload-not-found': 'The upload was completed, aborted or swept.',
  'object-exists': 'An object of this name exists already.',
  'container-exists': 'A container of this name exists already.',
  'container-not-empty': 'The container is not empty; delete its objects and pending uploads first.',
  'rate-limited': 'The service asks to slow down.',
  'permission-denied': 'Access is denied.',
};

export interface ErrorContext {
  /** What it means that there is no such thing. */
  readonly notFound: ErrorCode;
  /** What it means that there is such a thing. */
  readonly exists?: ErrorCode | undefined;
  readonly nowMs: number;
}

/** The numeric code of a refusal, where its body tells one. */
export function codeOf(response: WireResponse): number | undefined {
  const code = Number(parseErrorDocument(response.bytes)?.code);
  return Number.isSafeInteger(code) ? code : undefined;
}

/** Makes the one error of a refused request. A 404 without a document, as of HEAD or of a proxy, is as good as 1003. */
export function toError(response: WireResponse, context: ErrorContext): StorageError {
  const document = parseErrorDocument(response.bytes);
  const facts = classifyStatus(response, { ...context, requestIdHeaders: ['x-emc-request-id', 'x-request-id'] });
  const number = Number(document?.code);
  const meaning = Object.hasOwn(CODES, number) ? CODES[number] : undefined;
  const code = resolve(meaning?.code ?? facts.code, context);
  const message = describe(code, meaning, document?.message) || `The service answered ${String(response.status)}.`;
  return new StorageError(code, message, {
    ...facts,
    providerCode: document?.code,
    retryable: meaning?.retryable ?? (meaning ? code === 'unavailable' : facts.retryable),
  });
}

function describe(code: ErrorCode, meaning: (typeof CODES)[number] | undefined, said = ''): string {
  const words = [meaning?.advice ?? DESCRIPTIONS[code], said === '' ? '' : `The service says: ${said.slice(0, 500)}`];
  return words.filter((text) => text).join(' ');
}

function resolve(code: ErrorCode | 'not-found', { notFound, exists }: ErrorContext): ErrorCode {
  if (code === 'not-found') return notFound;
  return code === 'object-exists' ? (exists ?? code) : code;
}

/** True for a refusal with one of these numeric codes. */
export function isRefusal(error: unknown, ...codes: readonly number[]): error is StorageError {
  return isStorageError(error) && codes.includes(Number(error.providerCode));
}

/** True when a directory has the path that a file was looked for at. HEAD says it by its status alone. */
export function isDirectoryThere(error: unknown): boolean {
  return (
    isRefusal(error, 1022, 1048) || (isStorageError(error) && error.status === 400 && error.providerCode === undefined)
  );
}
