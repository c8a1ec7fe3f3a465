import { authorize, cleanAcl } from './authorize.js';
import { ACCEPTED, type Answer, type Call, emptyAnswer } from './call.js';
import { htmlError, SwiftError } from './errors.js';
import { listingAnswer, type Row } from './formats.js';
import { listingQuery, listNames } from './listing.js';
import { checkMetadata, mergeMetadata, shownHeaders } from './metadata.js';
import { Container, httpForm, isoForm, normalForm, type StoredObject } from './store.js';

/** The container that a call names, when there is one. */
export function containerOf(call: Call): Container | undefined {
  return call.site.store.account(call.account, call.site.nowMs()).containers.get(call.container ?? '');
}

export function serveContainer(call: Call): Answer {
  const container = containerOf(call);
  switch (call.method) {
    case 'GET':
    case 'HEAD':
      authorize(call, container?.headers.get('x-container-read'));
      return listObjects(found(container), call);
    case 'PUT':
      authorize(call);
      return putContainer(container, call);
    case 'POST':
      authorize(call);
      changeHeaders(found(container), cleaned(call));
      return emptyAnswer(204);
    case 'DELETE':
      authorize(call);
      return deleteContainer(found(container), call);
    default:
      throw new SwiftError(405, undefined, { allow: 'DELETE, GET, HEAD, OPTIONS, POST, PUT' });
  }
}

function found(container: Container | undefined): Container {
  if (!container) throw new SwiftError(404);
  return container;
}

/** The request with its access lists in the form in which they are stored. */
function cleaned(call: Call): Call {
  const lists = ['x-container-read', 'x-container-write'].filter((name) => name in call.headers);
  const headers = lists.map((name) => [name, cleanAcl(name, call.headers[name] ?? '')] as const);
  checkMetadata(call.headers, 'container');
  return { ...call, headers: { ...call.headers, ...Object.fromEntries(headers) } };
}

function putContainer(known: Container | undefined, given: Call): Answer {
  const call = cleaned(given);
  const { account, container: name = '', site } = call;
  const policy = policyOf(call);
  const length = Buffer.byteLength(name);
  if (length > 256) throw htmlError(400, `Container name length of ${String(length)} longer than 256`);
  if (known && policy !== undefined && policy !== known.policy) throw new SwiftError(409);
  const container = known ?? new Container(name, policy ?? (site.policies[0] as string), site.store.tick(site.nowMs()));
  changeHeaders(container, call);
  const owner = site.store.account(account, site.nowMs());
  owner.containers.set(name, container);
  owner.policies.add(container.policy);
  return known ? ACCEPTED : emptyAnswer(201);
}

function policyOf({ headers, site }: Call): string | undefined {
  const name = headers['x-storage-policy'];
  if (name === undefined || name === '') return undefined;
  const policy = site.policies.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (policy === undefined) throw new SwiftError(400, `Invalid X-Storage-Policy '${name}'`);
  return policy;
}

const KEPT = new Set(['x-container-read', 'x-container-write', 'x-container-sync-to', 'x-container-sync-key']);

function changeHeaders(container: Container, call: Call): void {
  mergeMetadata(
    container.headers,
    call,
    (name) => KEPT.has(name) || name.startsWith('x-container-meta-') || name.startsWith('x-container-sysmeta-'),
  );
}

function deleteContainer(container: Container, { site, account }: Call): Answer {
  if (container.objectCount > 0) throw new SwiftError(409);
  site.store.account(account, site.nowMs()).containers.delete(container.name);
  return emptyAnswer(204);
}

function listObjects(container: Container, call: Call): Answer {
  const headers = {
    ...shownHeaders(container.headers, call),
    'x-container-object-count': String(container.objectCount),
    'x-container-bytes-used': String(container.bytesUsed),
    'x-timestamp': normalForm(container.createdAt),
    'last-modified': httpForm(container.createdAt),
    'x-storage-policy': container.policy,
    'accept-ranges': 'bytes',
  };
  if (call.method === 'HEAD') return listingAnswer(call, { rows: [], headers });
  const rows = listNames(container.names(), listingQuery(call)).map((entry): Row => {
    return 'subdir' in entry ? entry : objectRow(container.get(entry.name) as StoredObject);
  });
  return listingAnswer(call, { rows, headers });
}

/** A row in the fields' usual order. */
export function objectRow(object: StoredObject): Row {
  const facts = {
    bytes: object.bytes.size,
    hash: object.etag,
    name: object.name,
    content_type: object.contentType,
    last_modified: isoForm(object.createdAt),
  };
  return { ...facts, ...object.listing };
}

/** Whether the caller may write into the container by its list or as the owner; throws as `authorize`. */
export function authorizeWrite(call: Call): Container {
  const container = containerOf(call);
  authorize(call, container?.headers.get('x-container-write'));
  return found(container);
}

export function authorizeRead(call: Call): Container {
  const container = containerOf(call);
  authorize(call, container?.headers.get('x-container-read'));
  return found(container);
}
