import { ACCEPTED, type Answer, type Call, emptyAnswer, withoutQuotes } from './call.js';
import { authorizeRead, authorizeWrite } from './containers.js';

import { SwiftError } from './errors.js';
import { guessType } from './media-types.js';
import { checkMetadata } from './metadata.js';
import { type Container, httpForm, normalForm, type StoredObject } from './store.js';

const MAX_NAME = 1024;

export function serveObject(call: Call): Promise<Answer> | Answer {
  switch (call.method) {
    case 'GET':
    case 'HEAD':
      return readObject(call);
    case 'PUT':
      return putObject(call);
    case 'POST':
      return changeObject(call);
    case 'DELETE':
      return deleteObject(call);
    default:
      throw new SwiftError(405, undefined, { allow: 'DELETE, GET, HEAD, OPTIONS, POST, PUT' });
  }
}

/** The object that a call names; one that has expired is none. */
export function liveObject(container: Container, call: Call): StoredObject | undefined {
  const object = container.get(call.object ?? '');
  const deleteAt = object?.headers['x-delete-at'];
  const isGone = deleteAt !== undefined && Number(deleteAt) * 1000 <= call.site.nowMs();
  return isGone ? undefined : object;
}

function found(object: StoredObject | undefined): StoredObject {
  if (!object) throw new SwiftError(404);
  return object;
}

function readObject(call: Call): Answer {
  const object = found(liveObject(authorizeRead(call), call));
  const headers = {
    ...object.headers,
    'content-type': object.contentType,
    etag: object.etag,
    'last-modified': httpForm(object.changedAt),
    'x-timestamp': normalForm(object.changedAt),
    'accept-ranges': 'bytes',
  };
  return { status: 200, headers, body: object.bytes, isWhole: true };
}

const KEPT = new Set([
  'content-disposition',
  'content-encoding',
  'cache-control',
  'content-language',
  'expires',
  'x-robots-tag',
  'x-delete-at',
]);
/** What a PUT keeps beyond what a POST may change. */
const KEPT_OF_PUT = new Set(['x-object-manifest', 'x-static-large-object']);

function isKept(name: string): boolean {
  return KEPT.has(name) || name.startsWith('x-object-meta-') || name.startsWith('x-object-transient-sysmeta-');
}

function chosenHeaders(call: Call, isChosen: (name: string) => boolean): Record<string, string> {
  const chosen = Object.entries(call.headers).filter(
    ([name, value]) => isChosen(name) && !(value === '' && name.startsWith('x-object-meta-')),
  );
  const deleteAt = deleteAtOf(call);
  return { ...Object.fromEntries(chosen), ...(deleteAt !== undefined && { 'x-delete-at': deleteAt }) };
}

/** When the object is to go, in seconds since 1970, by `X-Delete-After` or `X-Delete-At`. */
function deleteAtOf({ headers, site }: Call): string | undefined {
  const nowSeconds = Math.floor(site.nowMs() / 1000);
  const after = headers['x-delete-after'];
  if (after !== undefined) {
    if (!/^-?\d+$/.test(after)) throw new SwiftError(400, 'Non-integer X-Delete-After');
    if (Number(after) <= 0) throw new SwiftError(400, 'X-Delete-After in past');
    return String(nowSeconds + Number(after));
  }
  const at = headers['x-delete-at'];
  if (at === undefined) return undefined;
  if (!/^\d+$/.test(at)) throw new SwiftError(400, 'Non-integer X-Delete-At');
  if (Number(at) <= nowSeconds) throw new SwiftError(400, 'X-Delete-At in past');
  return at;
}

async function putObject(call: Call): Promise<Answer> {
  const { headers, site, body } = call;
  const condition = headers['if-none-match'];
  if (condition !== undefined && !condition.includes('*')) throw new SwiftError(400, 'If-None-Match only supports *');
  const container = authorizeWrite(call);
  checkCreation(call);
  const kept = chosenHeaders(
    call,
    (name) => isKept(name) || KEPT_OF_PUT.has(name) || name.startsWith('x-object-sysmeta-'),
  );
  if (condition !== undefined && liveObject(container, call)) throw new SwiftError(412);
  const { bytes, md5 } = await body.read(site.limits.maxFileBytes);
  const claimed = headers['etag'];
  const createdAt = site.store.tick(site.nowMs());
  if (claimed !== undefined && claimed !== '' && withoutQuotes(claimed).toLowerCase() !== md5)
    throw new SwiftError(422, undefined, { 'last-modified': httpForm(createdAt) });
  const name = call.object ?? '';
  const contentType = contentTypeOf(call);
  const facts = { name, bytes, etag: md5, contentType, createdAt, changedAt: createdAt };
  container.set({ ...facts, headers: kept, listing: call.listing ?? {} });
  return emptyAnswer(201, { etag: md5, 'last-modified': httpForm(createdAt) });
}

function contentTypeOf({ headers, object = '' }: Call): string {
  const given = headers['content-type'];
  const isToGuess = given === undefined || given === '' || headers['x-detect-content-type']?.toLowerCase() === 'true';
  return isToGuess ? guessType(object) : given;
}

function checkCreation(call: Call): void {
  const { headers, object = '', body, site } = call;
  const isChunked = headers['transfer-encoding']?.toLowerCase() === 'chunked';
  if ((body.length ?? 0) > site.limits.maxFileBytes) throw new SwiftError(413, 'Your request is too large.');
  if (body.length === undefined && !isChunked) throw new SwiftError(411, 'Missing Content-Length header.');
  const nameBytes = Buffer.byteLength(object);
  if (nameBytes > MAX_NAME)
    throw new SwiftError(400, `Object name length of ${String(nameBytes)} longer than ${String(MAX_NAME)}`);
  checkMetadata(headers, 'object');
}

/** Replaces all metadata: what is not sent again is gone, but for the content type and what marks a static large object. */
function changeObject(call: Call): Answer {
  const container = authorizeWrite(call);
  checkMetadata(call.headers, 'object');
  const changes = chosenHeaders(call, isKept);
  const object = found(liveObject(container, call));
  const lasting = Object.entries(object.headers).filter(
    ([name]) => name === 'x-static-large-object' || name.startsWith('x-object-sysmeta-'),
  );
  const contentType = call.headers['content-type'];
  container.set({
    ...object,
    contentType: contentType === undefined || contentType === '' ? object.contentType : contentType,
    changedAt: call.site.store.tick(call.site.nowMs()),
    headers: { ...Object.fromEntries(lasting), ...changes },
  });
  return ACCEPTED;
}

function deleteObject(call: Call): Answer {
  const container = authorizeWrite(call);
  found(liveObject(container, call));
  container.delete(call.object ?? '');
  return emptyAnswer(204);
}
