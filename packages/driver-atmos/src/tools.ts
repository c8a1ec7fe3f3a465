import { type CallContext, type ObjectRef, StorageError } from '@stowage/core/spi';
import { childrenOf, escapeUri, parseIsoDateMs, parseXml, textAt, type WireResponse } from '@stowage/http';
import { createToken, deleteToken, listTokens, tokenInfo } from './access-tokens.js';
import { splitRanges } from './byte-ranges.js';
import { type AtmosCall, OCTETS } from './client.js';
import { isRefusal } from './errors.js';
import { objectInterface, oidPath } from './object-interface.js';
import { atObject, lookAt, objectPath, utf8Headers } from './paths.js';
import { oidOf } from './put.js';
import type { AtmosService } from './service.js';
import { readTags } from './tag-headers.js';
import type { AtmosAcl, AtmosTools, ObjectVersion } from './tools-types.js';
import { presign } from './urls.js';

const ONCE: CallContext = { attempt: 1 };

/** What Atmos has and the portable API does not. */
export function createTools(service: AtmosService): AtmosTools {
  return {
    serviceInformation: (ctx = ONCE) => serviceInformation(service, ctx),
    readRanges: (ref, ranges, ctx = ONCE) => readRanges(service, ref, ranges, ctx),
    systemMetadata: async (ref, ctx = ONCE) => {
      const found = await atObject(ref, (path) => lookAt(service, path, ctx));
      if (found && found.system.get('type') !== 'directory')
        return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(found.system));
      throw new StorageError('object-not-found', 'There is no such object.');
    },
    getAcl: async (ref, ctx = ONCE) => readAcl(await onObject(service, ref, { method: 'GET', query: 'acl' }, ctx)),
    async setAcl(ref, acl, ctx = ONCE) {
      const headers = aclHeaders(acl);
      await onObject(service, ref, { method: 'POST', query: 'acl', contentType: OCTETS, headers }, ctx);
    },
    listTags: (below, ctx = ONCE) => listTags(service, below, ctx),
    findTagged: (tag, page = {}, ctx = ONCE) => findTagged(service, tag, page, ctx),
    objects: objectInterface(service),
    versions: versionCalls(service),
    tokens: {
      create: (ref, policy) => createToken(service, objectPath(ref), policy, ONCE),
      info: (id) => tokenInfo(service, id, ONCE),
      list: () => listTokens(service, ONCE),
      delete: (id) => deleteToken(service, id, ONCE),
    },
    presign(method, ref, { expiresInSeconds, contentType }) {
      const call = { method, resource: objectPath(ref), contentType, notFound: 'object-not-found' } as const;
      return { method, ...presign(service, call, expiresInSeconds) };
    },
  };
}

function onObject(
  { client }: AtmosService,
  ref: ObjectRef,
  call: Omit<AtmosCall, 'resource' | 'notFound'>,
  ctx: CallContext,
): Promise<WireResponse> {
  return atObject(ref, (resource) => client.send({ ...call, resource, notFound: 'object-not-found' }, ctx));
}

async function serviceInformation({ client }: AtmosService, ctx: CallContext) {
  const response = await client.send({ method: 'GET', resource: '/rest/service', notFound: 'unsupported' }, ctx);
  const version = textAt(parseXml(response.bytes, 'service information'), 'Version', 'Atmos');
  const features = (response.header('x-emc-features') ?? '').split(',').map((name) => name.trim());
  const utf8 = response.header('x-emc-support-utf8') === 'true' || Number(version?.[0] ?? 0) >= 2;
  return { version, features: features.filter((name) => name !== ''), utf8 };
}

async function readRanges(
  service: AtmosService,
  ref: ObjectRef,
  ranges: readonly { start: number; end: number }[],
  ctx: CallContext,
): Promise<Buffer[]> {
  if (ranges.length === 0) return [];
  const range = `bytes=${ranges.map(({ start, end }) => `${String(start)}-${String(end - 1)}`).join(',')}`;
  const response = await onObject(service, ref, { method: 'GET', range, headers: utf8Headers(service) }, ctx);
  const isSeveral = response.header('content-type')?.startsWith('multipart/byteranges') ?? false;
  if (!isSeveral && ranges.length === 1 && response.status === 206) return [response.bytes];
  const pieces = isSeveral ? splitRanges(response.bytes) : [{ start: 0, bytes: response.bytes }];
  return ranges.map(({ start, end }) => {
    const piece = pieces.find((one) => one.start <= start && start < one.start + one.bytes.length);
    if (!piece) throw new StorageError('range-not-satisfiable', `The store sent no bytes from ${String(start)} on.`);
    return piece.bytes.subarray(start - piece.start, end - piece.start);
  });
}

function readAcl(response: WireResponse): AtmosAcl {
  // The server answers FULL where it takes FULL_CONTROL.
  const rows = (name: string): (readonly [string, string])[] =>
    readTags(response.header(name), false).map(([who, may]) => [who, may === 'FULL' ? 'FULL_CONTROL' : may] as const);
  const others = rows('x-emc-groupacl').find(([who]) => who === 'other')?.[1] ?? 'NONE';
  const users = Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(rows('x-emc-useracl')));
  return { users, others };
}

function aclHeaders({ users, others }: Partial<AtmosAcl>): string[] {
  const entries = Object.entries(users ?? {});
  const bad = [...entries.flat(), others ?? ''].find((text) => !/^[\x21-\x2b\x2d-\x3c\x3e-\x7e]*$/.test(text));
  if (bad !== undefined) throw new StorageError('invalid-argument', `"${bad}" cannot stand in an ACL.`);
  const headers = entries.length > 0 ? ['x-emc-useracl', entries.map(([who, may]) => `${who}=${may}`).join(',')] : [];
  return others === undefined ? headers : [...headers, 'x-emc-groupacl', `other=${others}`];
}

async function listTags(service: AtmosService, below: string | undefined, ctx: CallContext): Promise<string[]> {
  const headers = below === undefined ? [] : ['x-emc-tags', tagText(service, below)];
  const call = {
    method: 'GET',
    resource: '/rest/objects',
    query: 'listabletags',
    notFound: 'object-not-found',
  } as const;
  const response = await service.client.send({ ...call, headers: [...headers, ...utf8Headers(service)] }, ctx);
  return readTags(response.header('x-emc-listable-tags'), service.facts.utf8).map(([name]) => name);
}

function tagText({ facts }: AtmosService, tag: string): string {
  return facts.utf8 ? escapeUri(tag) : tag;
}

async function findTagged(
  service: AtmosService,
  tag: string,
  { token, limit }: { token?: string; limit?: number },
  ctx: CallContext,
): Promise<{ oids: string[]; next?: string | undefined }> {
  const headers = ['x-emc-tags', tagText(service, tag), ...utf8Headers(service)];
  if (limit !== undefined) headers.push('x-emc-limit', String(limit));
  if (token !== undefined) headers.push('x-emc-token', token);
  try {
    const call = { method: 'GET', resource: '/rest/objects', notFound: 'object-not-found' } as const;
    const response = await service.client.send({ ...call, headers }, ctx);
    const list = parseXml(response.bytes, 'a list of objects');
    const oids = childrenOf(list, 'Object').map((row) => textAt(row, 'ObjectID') ?? '');
    return { oids, next: response.header('x-emc-token') || undefined };
  } catch (error) {
    if (isRefusal(error, 1003)) return { oids: [] };
    throw error;
  }
}

function versionCalls(service: AtmosService): AtmosTools['versions'] {
  const query = 'versions';
  return {
    async create(ref) {
      const oid = oidOf(await onObject(service, ref, { method: 'POST', query, contentType: OCTETS }, ONCE));
      if (oid !== undefined) return oid;
      throw new StorageError('unknown', 'The store made a version and does not say its id.');
    },
    async list(ref) {
      const found: ObjectVersion[] = [];
      let token: string | undefined;
      do {
        const headers = token === undefined ? [] : ['x-emc-token', token];
        const response = await onObject(service, ref, { method: 'GET', query, headers }, ONCE);
        for (const row of childrenOf(parseXml(response.bytes, 'a list of versions'), 'Ver')) {
          const createdAtMs = parseIsoDateMs(textAt(row, 'itime'));
          found.push({ oid: textAt(row, 'OID') ?? '', number: Number(textAt(row, 'VerNum')), createdAtMs });
        }
        token = response.header('x-emc-token') || undefined;
      } while (token !== undefined);
      return found.sort((a, b) => a.number - b.number);
    },
    async restore(ref, oid) {
      oidPath(oid);
      await onObject(
        service,
        ref,
        { method: 'PUT', query, contentType: OCTETS, headers: ['x-emc-version-oid', oid] },
        ONCE,
      );
    },
    async delete(oid) {
      await service.client.send(
        { method: 'DELETE', resource: oidPath(oid), query, notFound: 'object-not-found' },
        ONCE,
      );
    },
  };
}
