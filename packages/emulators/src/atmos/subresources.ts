import type { EmulatedResponse } from '../http-answer.js';
import { type Call, created, nodeNow, nodeOf, xml } from './call.js';
import { AtmosError } from './errors.js';
import { pageOf, tagNames } from './listings.js';
import { AtmosNode } from './node.js';
import { applyAcl } from './objects.js';
import { formatPairs, isUtf8, mergeTags, namesOf, readTags, systemTags, tagHeaders } from './tags.js';
import { document, element, elements } from './xml.js';

/** `?metadata/user` */
export function serveUserTags(call: Call): EmulatedResponse {
  const { request, quirks, nowMs } = call;
  const { method, headers } = request;
  if (method === 'GET' || method === 'HEAD') {
    const { 'x-emc-meta': meta, 'x-emc-listable-meta': listable, ...rest } = tagHeaders(nodeOf(call), headers, false);
    return { status: 200, headers: { ...rest, 'x-emc-meta': meta, 'x-emc-listable-meta': listable } };
  }
  const node = nodeNow(call);
  if (method === 'POST') mergeTags(node, readTags(headers, quirks));
  else if (method === 'DELETE') removeTags(node, namesOf(headers['x-emc-tags'], isUtf8(headers)));
  else throw new AtmosError(1009);
  node.changedAtMs = nowMs;
  return { status: method === 'DELETE' ? 204 : 200 };
}

function removeTags(node: AtmosNode, names: ReadonlySet<string> | undefined): void {
  if (!names) throw new AtmosError(1002);
  for (const name of names) if (!node.tags.has(name)) throw new AtmosError(1005);
  for (const name of names) node.tags.delete(name);
}

/** `?metadata/system` */
export function serveSystemTags(call: Call): EmulatedResponse {
  const { headers, method } = call.request;
  if (method === 'HEAD' && call.quirks.noSystemHead) throw new AtmosError(1015);
  const wanted = namesOf(headers['x-emc-tags'], isUtf8(headers));
  const tags = systemTags(nodeOf(call)).filter(([name]) => wanted?.has(name) ?? true);
  return { status: 200, headers: { 'x-emc-meta': formatPairs(tags, isUtf8(headers)), 'x-emc-policy': 'default' } };
}

/** `?metadata/tags` */
export function serveTagNames(call: Call): EmulatedResponse {
  return tagNames(nodeOf(call), call.request.headers);
}

/** `?acl` */
export function serveAcl(call: Call): EmulatedResponse {
  const { method, headers } = call.request;
  if (method === 'POST') {
    applyAcl(nodeNow(call), headers);
    return { status: 200 };
  }
  const { userAcl, groupAcl } = nodeOf(call);
  return { status: 200, headers: { 'x-emc-useracl': userAcl, 'x-emc-groupacl': groupAcl } };
}

/** `?info` */
export function serveInfo(call: Call): EmulatedResponse {
  const node = nodeOf(call);
  const off = elements(element('enabled', 'false'), element('endAt', ''));
  const replica = elements(element('id', '3'), element('type', 'sync'), element('current', 'true'));
  return xml(
    document(
      'GetObjectInfoResponse',
      elements(
        element('objectId', node.oid),
        element('selection', 'geographic'),
        element('numReplicas', 1),
        element('replicas', element('replica', replica)),
        element('retention', off),
        element('expiration', off),
      ),
    ),
  );
}

/** `?versions`: frozen copies that are made, listed, restored and deleted by hand. */
export function serveVersions(call: Call): EmulatedResponse {
  const { request, store, user, nowMs } = call;
  const node = request.method === 'GET' ? nodeOf(call) : nodeNow(call);
  if (request.method === 'POST') {
    const version = copyOf(node, user, nowMs);
    store.objects.set(version.oid, version);
    node.versions.push({ node: version, number: (node.versions.at(-1)?.number ?? -1) + 1 });
    return created(version);
  }
  if (request.method === 'PUT') return restore(call, node);
  if (request.method === 'DELETE') return deleteVersion(call, node);
  const { nodes, token } = pageOf(
    node.versions.map((version) => version.node),
    request,
  );
  const rows = nodes.map((version) => {
    const number = node.versions.find((one) => one.node === version)?.number ?? 0;
    const time = new Date(version.createdAtMs).toISOString();
    return element('Ver', elements(element('VerNum', number), element('OID', version.oid), element('itime', time)));
  });
  return xml(document('ListVersionsResponse', elements(...rows)), { 'x-emc-token': token });
}

function copyOf(node: AtmosNode, user: string, nowMs: number): AtmosNode {
  const copy = new AtmosNode('regular', user, nowMs);
  copy.content = node.content.copy();
  copy.contentType = node.contentType;
  copy.checksum = node.checksum;
  copy.modifiedAtMs = node.modifiedAtMs;
  copy.versionOf = node;
  mergeTags(copy, node.tags);
  return copy;
}

function restore({ request, store, nowMs }: Call, node: AtmosNode): EmulatedResponse {
  const version = store.byOid(request.headers['x-emc-version-oid'] ?? '');
  if (version.versionOf !== node) throw new AtmosError(1002);
  node.content = version.content.copy();
  node.contentType = version.contentType;
  node.checksum = version.checksum;
  node.tags.clear();
  mergeTags(node, version.tags);
  node.modifiedAtMs = node.changedAtMs = nowMs;
  return { status: 200 };
}

function deleteVersion({ store }: Call, version: AtmosNode): EmulatedResponse {
  const owner = version.versionOf;
  if (!owner) throw new AtmosError(1002);
  owner.versions.splice(
    owner.versions.findIndex(({ node }) => node === version),
    1,
  );
  store.forget(version);
  return { status: 204 };
}
