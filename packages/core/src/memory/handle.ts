import { Readable } from 'node:stream';
import type { ErrorCode } from '../errors/codes.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { PartsGroup } from '../spi/groups.js';
import type { StorageDriver } from '../spi/driver.js';
import type { ObjectRecord, ObjectRef } from '../spi/records.js';
import type { ByteRange, PutBody } from '../spi/requests.js';
import { readForm } from './forms.js';
import type { Signer } from './signer.js';
import type { MemoryContainer, MemoryStore } from './store.js';
import { isSigned } from './urls.js';

const STATUSES: Partial<Readonly<Record<ErrorCode, number>>> = {
  'object-not-found': 404,
  'container-not-found': 404,
  'upload-not-found': 404,
  'permission-denied': 403,
  'range-not-satisfiable': 416,
  'invalid-argument': 400,
};

/** What the handler serves. */
interface Served {
  readonly store: MemoryStore;
  readonly driver: StorageDriver;
  readonly parts: PartsGroup;
  readonly signer: Signer;
}

/** Answers requests for signed and public addresses: what a server does for a store that has one. */
export function createHandler(served: Served): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await answer(served, request);
    } catch (error) {
      if (!isStorageError(error)) throw error;
      return new Response(error.message, { status: STATUSES[error.code] ?? 500 });
    }
  };
}

async function answer(served: Served, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const container = served.store.container(decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1)));
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (request.method === 'POST') return takeForm(served, container, request);
  if (isRead && isPublic(container) && !url.searchParams.has('signature'))
    return showPage(served, container, request, url);
  if (!isPermitted(request, url, served.signer)) {
    throw new StorageError('permission-denied', 'This URL was not signed for this request, or its time is over.');
  }
  const { searchParams } = url;
  const versionId = searchParams.get('version') ?? undefined;
  const ref = { container: container.name, key: searchParams.get('key') ?? '', versionId };
  return isRead ? show(served, ref, request, url) : change(served, ref, request, url);
}

function isPublic({ cdnTtlSeconds, website }: MemoryContainer): boolean {
  return cdnTtlSeconds !== undefined || website !== undefined;
}

function isPermitted(request: Request, url: URL, signer: Signer): boolean {
  const contentType = url.searchParams.get('contentType');
  if (contentType !== null && contentType !== request.headers.get('content-type')) return false;
  return url.searchParams.get('method') === request.method && isSigned(url, signer);
}

/** Shows an object of a public container; without a key the index page, for a missing one the error page of its web site. */
async function showPage(served: Served, container: MemoryContainer, request: Request, url: URL): Promise<Response> {
  const { name, website } = container;
  const key = url.searchParams.get('key') ?? website?.indexKey ?? '';
  if (container.current(key) || website?.errorKey === undefined) {
    return show(served, { container: name, key }, request, url);
  }
  const page = await show(served, { container: name, key: website.errorKey }, request, url);
  return new Response(page.body, { status: 404, headers: page.headers });
}

async function show({ driver }: Served, ref: ObjectRef, request: Request, url: URL): Promise<Response> {
  const ctx = { attempt: 1, signal: request.signal };
  if (request.method === 'HEAD') {
    return new Response(null, { headers: toHeaders(await driver.stat(ref, {}, ctx), url) });
  }
  const range = readRange(request.headers.get('range'));
  const { record, bytes, range: part } = await driver.read(ref, { want: 'bytes', range }, ctx);
  const headers = toHeaders(record, url);
  if (range) headers.set('content-range', `bytes ${part.start}-${part.end - 1}/${record.size}`);
  headers.set('content-length', String(part.end - part.start));
  return new Response(bytes ?? null, { status: range ? 206 : 200, headers });
}

async function change({ driver, parts }: Served, ref: ObjectRef, request: Request, url: URL): Promise<Response> {
  const ctx = { attempt: 1, signal: request.signal };
  const uploadId = url.searchParams.get('uploadId');
  if (request.method === 'DELETE') {
    await driver.delete(ref, {}, ctx);
  } else if (uploadId !== null) {
    const part = { number: Number(url.searchParams.get('part')), offset: 0 };
    await parts.put({ ref, uploadId }, part, toBody(request), ctx);
  } else {
    const contentType = request.headers.get('content-type') ?? undefined;
    await driver.put(ref, toBody(request), { contentType }, ctx);
  }
  return new Response(null, { status: 204 });
}

async function takeForm({ driver, signer }: Served, { name }: MemoryContainer, request: Request): Promise<Response> {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- it holds the whole form in memory, where all of this store is
  const form = await request.formData();
  const { ref, bytes, contentType } = await readForm(form, name, signer);
  const body = { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes]) };
  await driver.put(ref, body, { contentType }, { attempt: 1, signal: request.signal });
  return new Response(null, { status: 204 });
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

function toBody({ body }: Request): PutBody {
  const open = (): Readable => (body ? Readable.fromWeb(body) : Readable.from([]));
  return { size: undefined, replayable: false, open };
}
