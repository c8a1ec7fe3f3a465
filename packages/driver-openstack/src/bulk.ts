import { type CallContext, type ErrorCode, type ObjectRef, StorageError } from '@stowage/core/spi';
import type { WireResponse } from '@stowage/http';
import type { SwiftWire } from './client.js';
import { accountCall, objectPath, SLOW_CALL_MS } from './requests.js';

/** What became of a request for many: https://docs.openstack.org/swift/latest/middleware.html#bulk-operations-delete-and-archive-auto-extraction */
export interface BulkOutcome {
  /** The service's own summary, such as `200 OK`: the status of the answer is always 200. */
  readonly status: string;
  readonly statusText: string;
  readonly deleted: number;
  readonly created: number;
  /** Unescaped paths, `/container/key`, and what was wrong with each. */
  readonly errors: ReadonlyMap<string, string>;
}

/** Reads the summary; spaces before it kept the connection alive. Throws `unavailable` for an answer without one. */
export function readBulkOutcome(response: WireResponse): BulkOutcome {
  let document: Readonly<Record<string, unknown>>;
  try {
    document = JSON.parse(response.bytes.toString()) as typeof document;
  } catch (cause) {
    const message = 'The service did not say what became of the request for many objects.';
    throw new StorageError('unavailable', message, { requestSent: true, cause });
  }
  const rows = Array.isArray(document['Errors']) ? (document['Errors'] as unknown[]) : [];
  const errors = rows.flatMap((row): [string, string][] => {
    const [path, text] = Array.isArray(row) ? (row as unknown[]) : [];
    return typeof path === 'string' ? [[unescapePath(path), String(text)]] : [];
  });
  return {
    status: textOf(document['Response Status']),
    statusText: textOf(document['Response Body']),
    deleted: Number(document['Number Deleted'] ?? 0),
    created: Number(document['Number Files Created'] ?? 0),
    errors: new Map(errors),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function unescapePath(path: string): string {
  const rooted = path.startsWith('/') ? path : `/${path}`;
  try {
    return decodeURIComponent(rooted);
  } catch {
    return rooted;
  }
}

/** Deletes what is named; missing objects count as deleted. */
export async function bulkDelete(wire: SwiftWire, refs: readonly ObjectRef[], ctx: CallContext): Promise<BulkOutcome> {
  const body = Buffer.from(refs.map((ref) => objectPath(ref)).join('\n'));
  const headers = ['content-type', 'text/plain', 'accept', 'application/json'];
  const call = { ...accountCall('POST', '?bulk-delete', headers), body, headersTimeoutMs: SLOW_CALL_MS };
  return readBulkOutcome(await wire.send(call, ctx));
}

/** The error of one row, such as `409 Conflict`. */
export function errorOfRow(text: string): StorageError {
  const status = Number(/^\d{3}/.exec(text)?.[0] ?? 0);
  const code = CODES[status] ?? (status >= 500 ? 'unavailable' : 'unknown');
  return new StorageError(code, `The service did not delete the object: ${text.slice(0, 200)}.`, {
    ...(status > 0 && { status }),
  });
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'permission-denied',
  403: 'permission-denied',
  409: 'unavailable',
  412: 'invalid-argument',
};

/** Throws where the request as a whole failed. Rows that failed leave `400 Bad Request` in the summary, and are told in their places. */
export function checkOutcome({ status, statusText, errors }: BulkOutcome): void {
  const number = Number(/^\d{3}/.exec(status)?.[0] ?? 0);
  if ((number >= 200 && number < 300) || errors.size > 0) return;
  const message = `The service answered "${status.slice(0, 100)}" to a request for many objects. ${statusText.slice(0, 300)}`;
  const code =
    number === 401
      ? 'unauthenticated'
      : number === 403
        ? 'permission-denied'
        : number >= 500
          ? 'unavailable'
          : 'unknown';
  throw new StorageError(code, message.trim(), { status: number, retryable: number >= 500 });
}
