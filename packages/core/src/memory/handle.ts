import { Readable } from 'node:stream';
import type { ErrorCode } from '../errors/codes.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { CallContext } from '../spi/context.js';
import type { StorageDriver } from '../spi/driver.js';
import type { ObjectRecord, ObjectRef } from '../spi/records.js';
import type { ByteRange, PutBody } from '../spi/requests.js';
import type { MemoryStore } from './store.js';
import type { UrlSigner } from './urls.js';

const STATUSES: Partial<Readonly<Record<ErrorCode, number>>> = {
  'object-not-found': 404,
  'container-not-found': 404,
  'permission-denied': 403,
  'range-not-satisfiable': 416,
  'invalid-argument': 400,
};

/** Answers requests for signed and public URLs: what a server does for a store that has one. */
export function createHandler(
  driver: StorageDriver,
  store: MemoryStore,
  signer: UrlSigner,
): (request: Request) => Promise<Response> {
  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const ref = readRef(url, store);
    if (!isAllowed(request, url, ref, store, signer)) {
      throw new StorageError('permission-denied', 'This URL was not signed for this request, or its time is over.');
    }
    return serve(driver, ref, request, url);
  }

  return async (request) => {
    try {
      return await answer(request);
    } catch (error) {
      if (!isStorageError(error)) throw error;
      return new Response(error.message, { status: STATUSES[error.code] ?? 500 });
    }
  };
}

/** Without a key the address is that of the container's web site. */
function readRef({ pathname, searchParams }: URL, store: MemoryStore): ObjectRef {
  const container = decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1));
  const key = searchParams.get('key') ?? store.container(container).website?.indexKey ?? '';
  return { container, key, versionId: searchParams.get('version') ?? undefined };
}

function isAllowed(request: Request, url: URL, ref: ObjectRef, store: MemoryStore, signer: UrlSigner): boolean {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const { cdnTtlSeconds, website } = store.container(ref.container);
  if (isRead && (cdnTtlSeconds !== undefined || website !== undefined)) return true;
  const contentType = url.searchParams.get('contentType');
  if (contentType !== null && contentType !== request.headers.get('content-type')) return false;
  return url.searchParams.get('method') === request.method && signer.isValid(url);
}

async function serve(driver: StorageDriver, ref: ObjectRef, request: Request, url: URL): Promise<Response> {
  const ctx: CallContext = { attempt: 1, signal: request.signal };
  switch (request.method) {
    case 'HEAD':
      return new Response(null, { headers: toHeaders(await driver.stat(ref, {}, ctx), url) });
    case 'GET': {
      const range = readRange(request.headers.get('range'));
      const { record, bytes, range: part } = await driver.read(ref, { want: 'bytes', range }, ctx);
      const headers = toHeaders(record, url);
      if (range) headers.set('content-range', `bytes ${part.start}-${part.end - 1}/${record.size}`);
      headers.set('content-length', String(part.end - part.start));
      return new Response(bytes ?? null, { status: range ? 206 : 200, headers });
    }
    case 'PUT': {
      const contentType = request.headers.get('content-type') ?? undefined;
      const { record } = await driver.put(ref, toBody(request), { contentType }, ctx);
      return new Response(null, { headers: { etag: `"${record.etag}"` } });
    }
    case 'DELETE':
      await driver.delete(ref, {}, ctx);
      return new Response(null, { status: 204 });
    default:
      return new Response(null, { status: 405 });
  }
}

function toHeaders(record: ObjectRecord, { searchParams }: URL): Headers {
  const values = {
    'content-type': searchParams.get('responseContentType') ?? record.contentType,
    'content-disposition': searchParams.get('responseContentDisposition') ?? record.contentDisposition,
    'content-encoding': record.contentEncoding,
    'content-language': record.contentLanguage,
    'cache-control': record.cacheControl,
    'content-length': String(record.size),
    etag: `"${record.etag}"`,
    'last-modified': new Date(record.modifiedAtMs ?? 0).toUTCString(),
  };
  const known = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Headers(known);
}

/** Reads one range of bytes; anything else asks for the whole, as RFC 9110 (14.2) allows. */
function readRange(header: string | null): ByteRange | undefined {
  const [, start = '', end = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (start !== '') return { start: Number(start), ...(end !== '' && { end: Number(end) + 1 }) };
  return end === '' ? undefined : { suffix: Number(end) };
}

function toBody(request: Request): PutBody {
  const { body } = request;
  const open = (): Readable => (body ? Readable.fromWeb(body) : Readable.from([]));
  return { size: undefined, replayable: false, open };
}
