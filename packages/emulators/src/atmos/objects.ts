import type { EmulatedResponse } from '../http-answer.js';
import { type Call, created, fileOf, nodeNow, nodeOf, type ReceivedBody } from './call.js';
import { appendChecksum, createChecksum, formatChecksum, generateChecksum } from './checksums.js';
import { Content } from './content.js';
import { AtmosError } from './errors.js';
import { AtmosNode } from './node.js';
import { contentAnswer, extentOf } from './ranges.js';
import { mergeTags, readTags, tagHeaders } from './tags.js';

/** POST: a new object, file or directory. */
export function createObject(call: Call, body: ReceivedBody): EmulatedResponse {
  const { target, store, user, nowMs } = call;
  if (target.kind !== 'namespace') {
    if (target.kind !== 'objects' || target.oid !== undefined) throw new AtmosError(1009);
    return fillNew(call, new AtmosNode('regular', user, nowMs), body);
  }
  const place = store.place(target.path);
  const name = place.steps.at(-1);
  if (name === undefined || store.exists(place)) throw new AtmosError(1016);
  const node = new AtmosNode(place.isDirectory ? 'directory' : 'regular', user, nowMs);
  const answer = fillNew(call, node, body);
  store.makeParent(place, user, nowMs).add(name, node);
  return answer;
}

/** Fills a new object with what the request brings. A body that broke off stays as far as it came, where the quirk says so. */
function fillNew(call: Call, node: AtmosNode, { bytes, isWhole }: ReceivedBody): EmulatedResponse {
  const { headers } = call.request;
  if (!isWhole && !call.quirks.partialWrites) throw new AtmosError(1011);
  mergeTags(node, readTags(headers, call.quirks));
  if (isWhole) node.checksum = createChecksum(headers['x-emc-wschecksum'], bytes);
  node.contentChecksum = generateChecksum(headers['x-emc-generate-checksum'], bytes);
  node.contentType = headers['content-type'] || node.contentType;
  applyAcl(node, headers);
  node.content = new Content(bytes);
  call.store.objects.set(node.oid, node);
  return created(node, checksumHeaders(node));
}

export function applyAcl(node: AtmosNode, headers: Readonly<Record<string, string>>): void {
  node.userAcl = (headers['x-emc-useracl'] ?? node.userAcl).replaceAll('FULL_CONTROL', 'FULL');
  node.groupAcl = (headers['x-emc-groupacl'] ?? node.groupAcl).replaceAll('FULL_CONTROL', 'FULL');
}

function checksumHeaders(node: AtmosNode): Record<string, string | undefined> {
  return {
    'x-emc-wschecksum': node.checksum && formatChecksum(node.checksum),
    'x-emc-content-checksum': node.contentChecksum,
  };
}

/** PUT: another content, or a piece of it. Tags that are not sent stay. */
export function updateObject(call: Call, { bytes, isWhole }: ReceivedBody): EmulatedResponse {
  const { request, quirks, nowMs } = call;
  const { headers } = request;
  const node = fileOf(call, nodeNow(call));
  if (node.versionOf) throw new AtmosError(1015);
  if (!isWhole && !quirks.partialWrites) throw new AtmosError(1011);
  const range = headers['range'];
  const before = node.content.size;
  if (range === undefined) {
    if (isWhole && node.checksum && headers['x-emc-wschecksum'] !== undefined) throw new AtmosError(1051);
    node.checksum = undefined;
    node.content = new Content(bytes);
  } else {
    const announced = isWhole ? bytes.length : Number(headers['content-length'] ?? bytes.length);
    const offset = extentOf(range, announced, before);
    node.checksum = isWhole
      ? appendChecksum(node.checksum, headers['x-emc-wschecksum'], { offset, body: bytes })
      : undefined;
    node.content.write(offset, bytes);
  }
  node.contentChecksum = undefined;
  node.contentType = headers['content-type'] || node.contentType;
  mergeTags(node, readTags(headers, quirks));
  applyAcl(node, headers);
  node.modifiedAtMs = node.changedAtMs = nowMs;
  const delta = { 'x-emc-delta': node.content.size - before, 'x-emc-policy': 'default' };
  return { status: 200, headers: { ...delta, ...checksumHeaders(node) } };
}

/** GET and HEAD. */
export function readObject(call: Call): EmulatedResponse {
  const { headers, query } = call.request;
  const node = fileOf(call);
  const disposition = query.get('disposition');
  const told = {
    'last-modified': new Date(node.modifiedAtMs).toUTCString(),
    'content-disposition': disposition,
    ...tagHeaders(node, headers, true),
    ...checksumHeaders(node),
  };
  return contentAnswer(node.content, node.contentType, headers['range'], told);
}

/** HEAD of a directory tells its tags and has no body. */
export function headDirectory(call: Call): EmulatedResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/xml', ...tagHeaders(nodeOf(call), call.request.headers, true) },
  };
}

export function deleteObject(call: Call): EmulatedResponse {
  const { target, store } = call;
  const node = nodeNow(call);
  if (target.kind === 'namespace' && node.kind === 'directory' && !store.place(target.path).isDirectory)
    throw new AtmosError(1022);
  if (node === store.root) throw new AtmosError(1015);
  if (!node.isEmpty) throw new AtmosError(1023);
  node.parent?.remove(node.name);
  store.forget(node);
  return { status: 204, headers: { 'x-emc-delta': -node.content.size } };
}
