import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { type Call, nodeOf, xml } from './call.js';
import { AtmosError } from './errors.js';
import type { AtmosNode } from './node.js';
import { decodeText, formatPairs, isUtf8, namesOf, systemTags } from './tags.js';
import { document, element, elements } from './xml.js';

const MAX_PAGE = 5000;

/** `GET /rest/namespace/<dir>/`: one level, in no order that a reader could rely on. */
export function listDirectory(call: Call): EmulatedResponse {
  const { nodes, token } = pageOf(nodeOf(call).children, call.request);
  const entries = nodes.map((node) =>
    element(
      'DirectoryEntry',
      elements(
        element('ObjectID', node.oid),
        element('FileType', node.kind),
        element('Filename', node.name),
        ...details(node, call.request),
      ),
    ),
  );
  return xml(document('ListDirectoryResponse', element('DirectoryList', elements(...entries))), {
    'x-emc-token': token,
  });
}

/** `GET /rest/objects` with `x-emc-tags`: what has a listable tag. */
export function listObjects({ request, store }: Call): EmulatedResponse {
  const { headers } = request;
  const tag = decodeText(headers['x-emc-tags'] ?? '', isUtf8(headers));
  const found = [...store.objects.values()].filter((node) => node.tags.get(tag)?.listable === true);
  if (found.length === 0) throw new AtmosError(1003);
  const { nodes, token } = pageOf(found, request);
  const entries = nodes.map((node) =>
    element('Object', elements(element('ObjectID', node.oid), ...details(node, request))),
  );
  return xml(document('ListObjectsResponse', elements(...entries)), { 'x-emc-token': token });
}

/** `GET /rest/objects?listabletags`: the steps of all listable tags below one. */
export function listTags({ request, store }: Call): EmulatedResponse {
  const { headers } = request;
  const utf8 = isUtf8(headers);
  const above = decodeText(headers['x-emc-tags'] ?? '', utf8);
  const prefix = above === '' ? '' : `${above}/`;
  const steps = new Set<string>();
  for (const node of store.objects.values()) {
    for (const [name, { listable }] of node.tags) {
      if (listable && name.startsWith(prefix)) steps.add(name.slice(prefix.length).split('/')[0] as string);
    }
  }
  const text = [...steps].map((step) => (utf8 ? encodeURIComponent(step) : step)).join(', ');
  return { status: 200, headers: { 'x-emc-listable-tags': text } };
}

function details(node: AtmosNode, { headers }: EmulatedRequest): { readonly xml: string }[] {
  if (headers['x-emc-include-meta'] !== '1') return [];
  const utf8 = isUtf8(headers);
  const system = namesOf(headers['x-emc-system-tags'], utf8);
  const user = namesOf(headers['x-emc-user-tags'], utf8);
  const row = (name: string, value: string, listable?: boolean): { readonly xml: string } =>
    element(
      'Metadata',
      elements(
        element('Name', name),
        element('Value', value),
        listable === undefined ? undefined : element('Listable', String(listable)),
      ),
    );
  const systemRows = systemTags(node).filter(([name]) => system?.has(name) ?? true);
  const userRows = [...node.tags].filter(([name]) => user?.has(name) ?? true);
  return [
    element('SystemMetadataList', elements(...systemRows.map(([name, value]) => row(name, value)))),
    element('UserMetadataList', elements(...userRows.map(([name, tag]) => row(name, tag.value, tag.listable)))),
  ];
}

/** Cuts a page; its token is the id after which the next one begins. */
export function pageOf(
  all: readonly AtmosNode[],
  { headers }: EmulatedRequest,
): { readonly nodes: readonly AtmosNode[]; readonly token: string | undefined } {
  const [limitText, token] = [headers['x-emc-limit'], headers['x-emc-token']];
  if (token !== undefined && !/^[0-9a-f]{44}$/.test(token)) throw new AtmosError(1037);
  if (limitText !== undefined && !/^[1-9]\d*$/.test(limitText)) throw new AtmosError(1002);
  const sorted = [...all].sort((a, b) => (a.oid < b.oid ? -1 : 1));
  const rest = token === undefined ? sorted : sorted.filter(({ oid }) => oid > token);
  const limit = limitText === undefined ? Infinity : Math.min(Number(limitText), MAX_PAGE);
  const nodes = rest.slice(0, limit);
  return { nodes, token: nodes.length < rest.length ? nodes.at(-1)?.oid : undefined };
}

/** Names of tags as `?metadata/tags` tells them. */
export function tagNames(node: AtmosNode, headers: Readonly<Record<string, string>>): EmulatedResponse {
  const utf8 = isUtf8(headers);
  const names = (listable: boolean): string =>
    [...node.tags]
      .filter(([, tag]) => tag.listable === listable)
      .map(([name]) => formatPairs([[name, '']], utf8)?.slice(0, -1) ?? '')
      .join(', ');
  return { status: 200, headers: { 'x-emc-tags': names(false), 'x-emc-listable-tags': names(true) } };
}
