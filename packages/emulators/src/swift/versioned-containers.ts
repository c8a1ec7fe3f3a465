import { type Answer, type Call, type Handler, isSuccess, isTrue, subCall } from './call.js';
import { Container } from './store.js';
import { Bytes } from './bytes.js';
import { authorizeRead, containerOf, objectRow } from './containers.js';
import { htmlError, SwiftError } from './errors.js';
import { bestMatch, type Row, toJson } from './formats.js';
import { DELETED } from './history.js';
import { listingQuery, listNames } from './listing.js';
import { ENABLED, HIDDEN, hiddenName, MARK, versionOf } from './versioned-names.js';

/** Switches versions on and off, lists them, and counts them in. */
export async function versionedContainer(call: Call, next: Handler): Promise<Answer> {
  const wanted = call.headers['x-versions-enabled'];
  if ((call.method === 'PUT' || call.method === 'POST') && wanted !== undefined)
    return enable(call, isTrue(wanted), next);
  const container = containerOf(call);
  if (call.method === 'DELETE' && container?.headers.has(HIDDEN) === true) return remove(call, next);
  const isVersionList = call.method === 'GET' && call.query.has('versions');
  if (!isVersionList) return withVersioning(call, await next(call));
  const head = await next({ ...call, method: 'HEAD' });
  return isSuccess(head) ? withVersioning(call, listVersions(call, head.headers)) : head;
}

function hiddenOf(call: Call): Container | undefined {
  return containerOf({ ...call, container: hiddenName(call.container ?? '') });
}

async function enable(call: Call, isEnabled: boolean, next: Handler): Promise<Answer> {
  const known = containerOf(call)?.headers;
  if ((known?.get('x-container-sysmeta-versions-location') ?? '') !== '')
    throw htmlError(
      400,
      'Cannot enable object versioning on a container that is already using the legacy versioned writes feature.',
    );
  const place = isEnabled ? { [HIDDEN]: encodeURIComponent(hiddenName(call.container ?? '')) } : {};
  const answer = await next({
    ...call,
    headers: { ...call.headers, ...place, [ENABLED]: isEnabled ? 'True' : 'False' },
  });
  if (isSuccess(answer) && isEnabled)
    await next(
      subCall(call, { method: 'PUT', container: hiddenName(call.container ?? ''), authority: { kind: 'system' } }),
    );
  return answer;
}

async function remove(call: Call, next: Handler): Promise<Answer> {
  if ((hiddenOf(call)?.objectCount ?? 0) > 0) throw htmlError(409, 'Delete all versions before deleting container.');
  const answer = await next(call);
  if (isSuccess(answer))
    await next(
      subCall(call, { method: 'DELETE', container: hiddenName(call.container ?? ''), authority: { kind: 'system' } }),
    );
  return answer;
}

function withVersioning(call: Call, answer: Answer): Answer {
  const container = containerOf(call);
  const isEnabled = container?.headers.get(ENABLED);
  if (isEnabled === undefined || !isSuccess(answer)) return answer;
  const bytes = Number(answer.headers['x-container-bytes-used'] ?? 0) + (hiddenOf(call)?.bytesUsed ?? 0);
  const told = { 'x-versions-enabled': isEnabled, 'x-container-bytes-used': String(bytes) };
  return { ...answer, headers: { ...answer.headers, ...told } };
}

/** `GET container?versions`: every version of every name, the latest first. */
function listVersions(call: Call, headers: Readonly<Record<string, string>>): Answer {
  const container = authorizeRead(call);
  bestMatch(call.headers['accept'], ['application/json']);
  const query = listingQuery(call);
  const versionMarker = call.query.get('version_marker');
  if (versionMarker !== undefined && query.marker === '') throw htmlError(400, 'version_marker param requires marker');
  if (/[0-9.\0]/.test(query.delimiter)) throw htmlError(400, 'invalid delimiter param');
  const hidden = hiddenOf(call);
  const names = mergedNames(container, hidden);
  const isInside = versionMarker !== undefined;
  const found = listNames(names, { ...query, marker: isInside ? '' : query.marker, limit: Number.MAX_SAFE_INTEGER });
  const rows = found.flatMap((entry): readonly Row[] => {
    if ('subdir' in entry) return [entry];
    const all = rowsOf(entry.name, container, hidden);
    return query.isReverse ? [...all].reverse() : all;
  });
  const start = isInside ? startOf(rows, query.marker, versionMarker) : 0;
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
    body: Bytes.of(toJson(rows.slice(start, start + query.limit))),
  };
}

function startOf(rows: readonly Row[], marker: string, versionMarker: string): number {
  const at = rows.findIndex((row) => row['name'] === marker && row['version_id'] === versionMarker);
  if (at < 0) throw new SwiftError(400, 'invalid version_marker param');
  return at + 1;
}

function mergedNames(container: Container, hidden: Container | undefined): readonly string[] {
  const merged = new Container('', '', 0);
  const add = (name: string): void => {
    const object = container.get(name);
    merged.set({ ...(object ?? EMPTY), name });
  };
  for (const name of container.names()) add(name);
  for (const key of hidden?.names() ?? []) add(key.slice(1, key.lastIndexOf(MARK)));
  return merged.names();
}

const EMPTY = { bytes: Bytes.empty, etag: '', contentType: '', createdAt: 0, changedAt: 0, headers: {}, listing: {} };

function rowsOf(name: string, container: Container, hidden: Container | undefined): readonly Row[] {
  const current = container.get(name);
  const latest = versionOf(current?.headers['x-object-sysmeta-symlink-target'] ?? '');
  const isPlain = current !== undefined && latest === undefined;
  const keys = (hidden?.names() ?? []).filter((key) => key.startsWith(`${MARK}${name}${MARK}`));
  const kept = keys.flatMap((key, index): readonly Row[] => {
    const object = hidden?.get(key);
    if (!object) return [];
    const versionId = versionOf(key);
    const isNewestMarker = !current && index === 0 && object.contentType === DELETED;
    const is_latest = versionId === latest || isNewestMarker;
    return [{ ...objectRow(object), name, is_latest, version_id: versionId ?? '' }];
  });
  return isPlain ? [{ ...objectRow(current), is_latest: true, version_id: 'null' }, ...kept] : kept;
}
