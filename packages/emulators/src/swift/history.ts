import { type Answer, type Call, emptyAnswer, type Handler, isSuccess, type Layer, subCall } from './call.js';
import { authorizeWrite, containerOf } from './containers.js';
import { htmlError, SwiftError } from './errors.js';
import type { Row } from './formats.js';
import { largeRow } from './slo-read.js';
import { normalForm } from './store.js';

const PLACE = 'x-container-sysmeta-versions-location';
const MODE = 'x-container-sysmeta-versions-mode';
export const DELETED = 'application/x-deleted;swift_versions_deleted=1';

/** The older way to keep versions, in a container that the client names: `X-Versions-Location` or `X-History-Location`. */
export const history: Layer = async (call, next) => {
  if (call.container === undefined) return next(call);
  if (call.object === undefined) return withLocation(await next(translated(call)));
  const place = containerOf(call)?.headers.get(PLACE)?.split('/')[0];
  if (place === undefined || place === '') return next(call);
  if (call.method === 'PUT') {
    await archive(call, decodeURIComponent(place), next);
    return next(call);
  }
  if (call.method !== 'DELETE') return next(call);
  const isHistory = containerOf(call)?.headers.get(MODE) === 'history';
  return isHistory
    ? deleteWithMarker(call, decodeURIComponent(place), next)
    : restore(call, decodeURIComponent(place), next);
};

/** The client's headers in the form in which they are stored. */
function translated(call: Call): Call {
  if (call.method !== 'PUT' && call.method !== 'POST') return call;
  const { 'x-versions-location': stack, 'x-history-location': kept, ...headers } = call.headers;
  const isRemoved = 'x-remove-versions-location' in headers || 'x-remove-history-location' in headers;
  const place = placeOf(stack ?? '', kept ?? '');
  if (place) return { ...call, headers: { ...headers, ...place } };
  const isCleared = isRemoved || stack !== undefined || kept !== undefined;
  return { ...call, headers: isCleared ? { ...headers, [PLACE]: '', [MODE]: '' } : headers };
}

function placeOf(stack: string, kept: string): Readonly<Record<string, string>> | undefined {
  if (stack !== '' && kept !== '')
    throw new SwiftError(400, 'Only one of x-versions-location or x-history-location may be specified');
  const place = stack === '' ? kept : stack;
  if (place === '') return undefined;
  if (decodeURIComponent(place).includes('/')) throw htmlError(412, 'Container name cannot contain slashes');
  return { [PLACE]: place, [MODE]: stack === '' ? 'history' : 'stack' };
}

function withLocation(answer: Answer): Answer {
  const place = answer.headers[PLACE];
  if (place === undefined) return answer;
  const name = answer.headers[MODE] === 'history' ? 'x-history-location' : 'x-versions-location';
  return { ...answer, headers: { ...answer.headers, [name]: place } };
}

const LINK: ReadonlyMap<string, string> = new Map([['symlink', 'get']]);

function archivePrefix({ object = '' }: Call): string {
  return `${Buffer.byteLength(object).toString(16).padStart(3, '0')}${object}/`;
}

async function archive(call: Call, place: string, next: Handler): Promise<void> {
  authorizeWrite(call);
  const current = await next(subCall(call, { method: 'GET', query: LINK, authority: { kind: 'system' } }));
  if (current.status === 404) return;
  const name = `${archivePrefix(call)}${current.headers['x-timestamp'] ?? ''}`;
  checked(await next(duplicate(call, current, { container: place, object: name })));
}

/** The PUT of all that an answer shows, as another object. */
export function duplicate(
  call: Call,
  answer: Answer,
  place: { readonly container: string; readonly object: string },
): Call {
  const {
    'x-timestamp': _time,
    'last-modified': _modified,
    'accept-ranges': _ranges,
    etag: _etag,
    ...headers
  } = answer.headers;
  const body = {
    length: answer.body.size,
    read: () => Promise.resolve({ bytes: answer.body, md5: answer.headers['etag'] ?? '' }),
  };
  return subCall(call, {
    ...place,
    method: 'PUT',
    headers,
    body,
    listing: largeRow(headers),
    authority: { kind: 'system' },
  });
}

function checked(answer: Answer): void {
  if (isSuccess(answer)) return;
  throw new SwiftError(answer.status < 500 ? 412 : 503);
}

async function deleteWithMarker(call: Call, place: string, next: Handler): Promise<Answer> {
  await archive(call, place, next);
  const object = `${archivePrefix(call)}${normalForm(call.site.store.tick(call.site.nowMs()))}`;
  const headers = { 'content-type': DELETED };
  checked(
    await next(subCall(call, { method: 'PUT', container: place, object, headers, authority: { kind: 'system' } })),
  );
  return next(call);
}

/** Deletes, and puts the version before back in place. */
async function restore(call: Call, place: string, next: Handler): Promise<Answer> {
  const versions = await listVersions(call, place, next);
  const [latest] = versions;
  if (!latest) return next(call);
  authorizeWrite(call);
  if (latest['content_type'] !== DELETED) return takeBack(call, place, String(latest['name']), next);
  const current = await next(subCall(call, { method: 'HEAD', authority: { kind: 'system' } }));
  if (current.status !== 404) return next(call);
  const before = versions[1];
  if (before && before['content_type'] !== DELETED) await takeBack(call, place, String(before['name']), next);
  const system = { authority: { kind: 'system' } } as const;
  return next(subCall(call, { method: 'DELETE', container: place, object: String(latest['name']), ...system }));
}

async function takeBack(call: Call, place: string, name: string, next: Handler): Promise<Answer> {
  const source = subCall(call, { container: place, object: name, authority: { kind: 'system' } });
  const version = await next({ ...source, method: 'GET', query: LINK });
  checked(version);
  checked(await next(duplicate(call, version, { container: call.container ?? '', object: call.object ?? '' })));
  const gone = await next({ ...source, method: 'DELETE' });
  return isSuccess(gone) ? gone : emptyAnswer(204);
}

/** Versions of the object in the archive, the latest first. */
async function listVersions(call: Call, place: string, next: Handler): Promise<readonly Row[]> {
  const query = new Map([
    ['format', 'json'],
    ['prefix', archivePrefix(call)],
    ['reverse', 'on'],
  ]);
  const system = { kind: 'system' } as const;
  const answer = await next(
    subCall(call, { method: 'GET', container: place, object: undefined, query, authority: system }),
  );
  if (answer.status === 404) return [];
  checked(answer);
  return JSON.parse(answer.body.toString()) as readonly Row[];
}
