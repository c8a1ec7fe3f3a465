import { authorize } from './authorize.js';
import { type Answer, type Call, type Handler, isSuccess, isTrue, type Layer, subCall } from './call.js';
import { authorizeWrite, containerOf } from './containers.js';
import { htmlError, SwiftError } from './errors.js';
import { DELETED, duplicate } from './history.js';
import { HIDDEN_TARGET } from './symlinks.js';
import { normalForm } from './store.js';
import { versionedContainer } from './versioned-containers.js';
import { ENABLED, HIDDEN, hiddenName, versionKey, versionOf } from './versioned-names.js';

const IS_LINK = 'x-object-sysmeta-versions-symlink';
const LINK: ReadonlyMap<string, string> = new Map([['symlink', 'get']]);

/** Versions in a hidden container, with a link to the latest: https://docs.openstack.org/swift/latest/middleware.html#object-versioning */
export const versions: Layer = (call, next) => {
  if (call.container === undefined) return next(call);
  if (call.object === undefined) return versionedContainer(call, next);
  const container = containerOf(call);
  const isVersioned = container?.headers.has(HIDDEN) === true;
  const versionId = call.query.get('version-id') ?? '';
  if (versionId !== '') return serveVersion(call, versionId, isVersioned, next);
  if (!isVersioned) return next(call);
  if (call.method === 'GET' || call.method === 'HEAD') return readLatest(call, next);
  if (call.method === 'POST') return changeLatest(call, next);
  if (!isTrue(container.headers.get(ENABLED))) return next(call);
  return call.method === 'PUT'
    ? putVersion(call, next)
    : call.method === 'DELETE'
      ? deleteLatest(call, next)
      : next(call);
};

function hidden(call: Call, key: string, changes: Partial<Call> = {}): Call {
  const container = hiddenName(call.container ?? '');
  return subCall(call, { container, object: key, authority: { kind: 'system' }, ...changes });
}

/** An object from before versions were kept becomes the oldest of them. */
async function keepCurrent(call: Call, next: Handler): Promise<void> {
  authorizeWrite(call);
  const current = await next(subCall(call, { method: 'GET', query: LINK, authority: { kind: 'system' } }));
  if (!isSuccess(current) || current.headers[IS_LINK] === 'true') return;
  const key = versionKey(call.object ?? '', current.headers['x-timestamp'] ?? '');
  await next(duplicate(call, current, { container: hiddenName(call.container ?? ''), object: key }));
}

function newVersionId({ site }: Call): string {
  return normalForm(site.store.tick(site.nowMs()));
}

async function putVersion(call: Call, next: Handler): Promise<Answer> {
  await keepCurrent(call, next);
  const versionId = newVersionId(call);
  const key = versionKey(call.object ?? '', versionId);
  const { 'x-delete-at': _at, 'x-delete-after': _after, ...headers } = call.headers;
  const stored = await next({
    ...hidden(call, key),
    method: 'PUT',
    headers,
    body: call.body,
    listing: call.listing ?? {},
  });
  if (!isSuccess(stored)) return stored;
  return putLink(call, versionId, next);
}

const NOT_OF_LINKS = new Set([
  'etag',
  'x-object-manifest',
  'x-static-large-object',
  'x-object-sysmeta-slo-etag',
  'x-object-sysmeta-slo-size',
  'content-type',
]);

/** Makes a version the latest. */
async function putLink(call: Call, versionId: string, next: Handler): Promise<Answer> {
  const { account, container = '', object = '' } = call;
  const key = versionKey(object, versionId);
  const target = await next(hidden(call, key, { method: 'HEAD' }));
  const { etag = '', 'content-type': type = '' } = target.headers;
  const large = target.headers['x-object-sysmeta-slo-size'];
  const size = large === undefined ? target.body.size : Number(large);
  const kept = Object.entries(call.headers).filter(([name]) => !NOT_OF_LINKS.has(name));
  const encoded = [hiddenName(container), key].map((part) => encodeURIComponent(part)).join('/');
  const headers = {
    ...Object.fromEntries(kept),
    'content-type': type,
    'x-object-sysmeta-symlink-target': encoded,
    'x-object-sysmeta-symlink-target-etag': etag,
    'x-object-sysmeta-symlink-target-bytes': String(size),
    [IS_LINK]: 'true',
    [HIDDEN_TARGET]: 'true',
  };
  const path = pathOf(account, container, object, versionId);
  const listing = { ...call.listing, bytes: size, version_symlink: true, hash: etag, symlink_path: path };
  const answer = await next(subCall(call, { method: 'PUT', headers, listing }));
  return isSuccess(answer)
    ? { ...answer, headers: { ...answer.headers, etag, 'x-object-version-id': versionId } }
    : answer;
}

function pathOf(account: string, container: string, object: string, versionId: string): string {
  const name = object
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  return `/v1/${account}/${encodeURIComponent(container)}/${name}?version-id=${versionId}`;
}

/** What the answer says of the version that was found: `null` for one from before versions were kept. */
async function readLatest(call: Call, next: Handler): Promise<Answer> {
  const answer = await next(call);
  const { account, container = '', object = '' } = call;
  const { 'content-location': location, 'x-symlink-target': target } = answer.headers;
  const found = versionOf(location ?? target ?? '');
  const versionId = found ?? 'null';
  const path = pathOf(account, container, object, versionId);
  const told: Record<string, string> = { 'x-object-version-id': versionId };
  if (found !== undefined && location !== undefined) told['content-location'] = path;
  if (found !== undefined && target !== undefined) told['x-symlink-target'] = path.replace(`/v1/${account}/`, '');
  return { ...answer, headers: { ...answer.headers, ...told } };
}

async function changeLatest(call: Call, next: Handler): Promise<Answer> {
  const answer = await next(call);
  const key = /^\/v1\/[^/]+\/[^/]+\/(.+)$/.exec(answer.headers['location'] ?? '')?.[1];
  if (answer.status !== 307 || answer.headers[HIDDEN_TARGET] === undefined || key === undefined) return answer;
  return next(hidden(call, decodeURIComponent(key), { method: 'POST', headers: call.headers }));
}

async function deleteLatest(call: Call, next: Handler): Promise<Answer> {
  await keepCurrent(call, next);
  const versionId = newVersionId(call);
  const key = versionKey(call.object ?? '', versionId);
  await next(hidden(call, key, { method: 'PUT', headers: { 'content-type': DELETED } }));
  const answer = await next(call);
  return { ...answer, headers: { ...answer.headers, 'x-object-version-id': versionId } };
}

async function serveVersion(call: Call, versionId: string, isVersioned: boolean, next: Handler): Promise<Answer> {
  if (call.method === 'POST') throw htmlError(400, 'POST to a specific version is not allowed');
  if (!isVersioned && versionId !== 'null')
    throw htmlError(400, 'version-aware operations require that the container is versioned');
  if (versionId !== 'null' && !/^\d+(\.\d+)?$/.test(versionId)) throw htmlError(400, 'Invalid version parameter');
  if (versionId === 'null') return serveNull(call, next);
  if (call.method === 'DELETE') return deleteVersion(call, versionId, next);
  if (call.method === 'PUT') return makeLatest(call, versionId, next);
  return readVersion(call, versionId, next);
}

function withoutId(call: Call): Call {
  return { ...call, query: new Map([...call.query].filter(([name]) => name !== 'version-id')) };
}

async function serveNull(call: Call, next: Handler): Promise<Answer> {
  const answer = await next(withoutId(call));
  if (!isSuccess(answer)) return answer;
  if (versionOf(answer.headers['content-location'] ?? '') !== undefined) throw new SwiftError(404);
  return { ...answer, headers: { ...answer.headers, 'x-object-version-id': 'null' } };
}

async function readVersion(call: Call, versionId: string, next: Handler): Promise<Answer> {
  const key = versionKey(call.object ?? '', versionId);
  const answer = await next({ ...withoutId(call), container: hiddenName(call.container ?? ''), object: key });
  if (answer.headers['content-type'] === DELETED && isSuccess(answer))
    throw new SwiftError(404, undefined, { 'x-object-version-id': versionId, 'content-type': DELETED });
  return isSuccess(answer) ? { ...answer, headers: { ...answer.headers, 'x-object-version-id': versionId } } : answer;
}

async function deleteVersion(call: Call, versionId: string, next: Handler): Promise<Answer> {
  authorize(call, containerOf(call)?.headers.get('x-container-write'));
  const link = await next(subCall(call, { method: 'HEAD', query: LINK, authority: { kind: 'system' } }));
  const current = versionOf(link.headers['x-symlink-target'] ?? link.headers['x-object-sysmeta-symlink-target'] ?? '');
  if (current === versionId) await next(withoutId(call));
  const answer = await next(hidden(call, versionKey(call.object ?? '', versionId), { method: 'DELETE' }));
  const remaining = current === undefined || current === versionId ? 'null' : current;
  const told = { 'x-object-version-id': versionId, 'x-object-current-version-id': remaining };
  return { ...answer, headers: { ...answer.headers, ...told } };
}

async function makeLatest(call: Call, versionId: string, next: Handler): Promise<Answer> {
  if ((call.body.length ?? 1) > 0) throw new SwiftError(400, 'PUT version-id requests require a zero byte body');
  authorizeWrite(call);
  const target = await next(hidden(call, versionKey(call.object ?? '', versionId), { method: 'HEAD' }));
  if (!isSuccess(target)) throw new SwiftError(404, 'The specified version does not exist');
  return putLink(withoutId(call), versionId, next);
}
