import { type ErrorCode, StorageError } from '@stowage/core/spi';
import { classifyStatus, type WireResponse } from '@stowage/http';
import type { SwiftCall } from './requests.js';

const REQUEST_ID_HEADERS = ['x-trans-id', 'x-openstack-request-id'];

/** What the RADOS Gateway writes into its answers: more exact than a status. */
const CEPH_CODES: Readonly<Record<string, ErrorCode>> = {
  NoSuchBucket: 'container-not-found',
  NoSuchKey: 'object-not-found',
  InvalidBucketName: 'invalid-argument',
  QuotaExceeded: 'quota-exceeded',
  AccessDenied: 'permission-denied',
  SlowDown: 'rate-limited',
};

/** Makes the one error of a refused request. https://docs.openstack.org/api-ref/object-store/#http-status-codes */
export function toError(response: WireResponse, call: SwiftCall, nowMs: number): StorageError {
  const facts = classifyStatus(response, { notFound: call.notFound, requestIdHeaders: REQUEST_ID_HEADERS, nowMs });
  const said = saidBy(response);
  const cephCode = /^[A-Z][A-Za-z]{2,60}$/.test(said) ? said : undefined;
  const code = codeOf(response, call, { byStatus: facts.code, said, cephCode });
  const text = said === '' || said === cephCode ? '' : `The service says: ${said}`;
  const words = [describe(code, response.status), text].filter((word) => word !== '');
  return new StorageError(code, words.join(' ') || `The service answered ${String(response.status)}.`, {
    ...facts,
    providerCode: cephCode,
    retryable: facts.retryable || code === 'rate-limited' || code === 'unavailable',
  });
}

interface Evidence {
  readonly byStatus: ErrorCode;
  readonly said: string;
  readonly cephCode: string | undefined;
}

function codeOf(response: WireResponse, call: SwiftCall, { byStatus, said, cephCode }: Evidence): ErrorCode {
  const isKnown = cephCode !== undefined && response.status !== 401 && Object.hasOwn(CEPH_CODES, cephCode);
  const known = isKnown ? CEPH_CODES[cephCode] : undefined;
  // A mark that is gone is an upload that is gone.
  if (known === 'object-not-found' && call.notFound === 'upload-not-found') return call.notFound;
  return known ?? codeOfStatus(response, call, said) ?? byStatus;
}

/** Statuses that mean something else in Swift than in general. */
function codeOfStatus(response: WireResponse, call: SwiftCall, said: string): ErrorCode | undefined {
  switch (response.status) {
    case 409:
      return call.conflict ?? 'unavailable';
    case 412:
      return call.precondition ?? 'invalid-argument';
    case 413:
      // Rackspace tells a rate by 413 and when to come again; Swift a quota by its name.
      if (response.header('retry-after') !== undefined) return 'rate-limited';
      return /quota/i.test(said) ? 'quota-exceeded' : 'invalid-argument';
    case 497:
      return 'permission-denied';
    case 499:
      return 'unavailable';
    default:
      return undefined;
  }
}

/** Text of the answer, without the page of HTML that Swift puts around its standard sentences. */
function saidBy(response: WireResponse): string {
  const text = response.bytes.toString('utf8', 0, 2000).trim();
  if (/^<(html|!doctype)/i.test(text)) return '';
  const code = /^\{\s*"Code"\s*:\s*"([A-Za-z]+)"/.exec(text)?.[1];
  return (code ?? text).slice(0, 500);
}

const DESCRIPTIONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  'object-not-found': 'There is no such object.',
  'container-not-found': 'There is no such container.',
  'object-exists': 'An object of this name exists already.',
  'container-exists': 'A container of this name exists already, with another storage policy.',
  'container-not-empty': 'The container is not empty; delete its objects and versions first.',
  'upload-not-found': 'The upload was completed, aborted or swept.',
  unauthenticated: 'The service does not accept the token.',
  'permission-denied': 'Access is denied.',
  'precondition-failed': 'The object is not in the state that the condition asks for.',
  'not-modified': 'The object was not modified.',
  'range-not-satisfiable': 'The object has no byte in this range.',
  'checksum-mismatch': 'The service got other bytes than the digest tells, and stored nothing.',
  'quota-exceeded': 'The quota of the container or the account is used up.',
  'rate-limited': 'The service asks to slow down.',
  unsupported: 'The service does not have this call.',
};

function describe(code: ErrorCode, status: number): string {
  if (status === 409 && code === 'unknown') return 'A segment of this large object is missing or was changed.';
  if (status === 409 && code === 'unavailable') return 'Another write was newer; the next attempt may succeed.';
  if (status === 507) return 'The service has no space left.';
  if (status === 497) return 'The account is blocked.';
  if (status === 413 && code === 'invalid-argument') return 'The body is larger than the service takes.';
  return DESCRIPTIONS[code] ?? '';
}
