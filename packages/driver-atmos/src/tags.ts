import {
  type CallContext,
  type MetadataGroup,
  type ObjectRecord,
  type ObjectRef,
  StorageError,
  type TagsGroup,
  type UserMetadata,
} from '@stowage/core/spi';
import { OCTETS } from './client.js';
import { headObject, refuseVersion } from './objects.js';
import { atObject, utf8Headers } from './paths.js';
import type { AtmosService } from './service.js';
import { attributeHeaders, checkApart, metadataTags, readTags, writeTags } from './tag-headers.js';
import { sortTags } from './wire.js';
import { escapeUri } from '@stowage/http';

interface UserTags {
  readonly path: string;
  /** Names as the store has them. */
  readonly plain: readonly (readonly [string, string])[];
  readonly listable: readonly (readonly [string, string])[];
}

async function readUserTags(service: AtmosService, ref: ObjectRef, ctx: CallContext): Promise<UserTags> {
  refuseVersion(ref);
  const { client, facts } = service;
  const call = { method: 'GET', query: 'metadata/user', notFound: 'object-not-found' } as const;
  return atObject(ref, async (path) => {
    const response = await client.send({ ...call, resource: path, headers: utf8Headers(service) }, ctx);
    return {
      path,
      plain: readTags(response.header('x-emc-meta'), facts.utf8),
      listable: readTags(response.header('x-emc-listable-meta'), facts.utf8),
    };
  });
}

async function setTags(
  service: AtmosService,
  path: string,
  headers: readonly string[],
  ctx: CallContext,
): Promise<void> {
  const call = { method: 'POST', query: 'metadata/user', contentType: OCTETS, notFound: 'object-not-found' } as const;
  await service.client.send({ ...call, resource: path, headers }, ctx);
}

async function removeTags(
  service: AtmosService,
  path: string,
  names: readonly string[],
  ctx: CallContext,
): Promise<void> {
  if (names.length === 0) return;
  const { utf8 } = service.facts;
  const text = names.map((name) => (utf8 ? escapeUri(name) : name)).join(',');
  const call = { method: 'DELETE', query: 'metadata/user', notFound: 'object-not-found' } as const;
  await service.client.send({ ...call, resource: path, headers: ['x-emc-tags', text, ...utf8Headers(service)] }, ctx);
}

/** Listable tags: the store keeps an index of them, which `sdk()` reads. */
export function tagsGroup(service: AtmosService): TagsGroup {
  return {
    async read(ref, ctx) {
      const { listable } = await readUserTags(service, ref, ctx);
      return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(listable));
    },
    async replace(ref, tags, ctx) {
      const { path, plain, listable } = await readUserTags(service, ref, ctx);
      const wanted = Object.entries(tags);
      checkApart(
        plain.map(([name]) => name),
        wanted,
      );
      const { utf8 } = service.facts;
      if (wanted.length > 0)
        await setTags(service, path, ['x-emc-listable-meta', writeTags(wanted, utf8), ...utf8Headers(service)], ctx);
      const stale = listable.map(([name]) => name).filter((name) => !Object.hasOwn(tags, name));
      await removeTags(service, path, stale, ctx);
    },
  };
}

/** Changes metadata, tags and the canned ACL; a content type changes only with the content. */
export function metadataGroup(service: AtmosService): MetadataGroup {
  return {
    async update(ref, change, ctx): Promise<ObjectRecord> {
      const { contentType, metadata, acl, ifMatch, tags } = change;
      if (ifMatch !== undefined)
        throw new StorageError('unsupported', 'Atmos cannot make a change of metadata depend on "ifMatch".');
      const { record, path } = await headObject(service, ref, ctx);
      if (contentType !== undefined && contentType !== record.contentType)
        throw new StorageError(
          'unsupported',
          'Atmos changes "contentType" only with the content: put the object again.',
        );
      if (metadata) await replaceMetadata(service, ref, path, metadata, ctx);
      if (tags) await tagsGroup(service).replace(ref, tags, ctx);
      if (acl !== undefined) {
        const call = { method: 'POST', query: 'acl', contentType: OCTETS, notFound: 'object-not-found' } as const;
        const headers = attributeHeaders({ acl }, [], service.facts.utf8);
        await service.client.send({ ...call, resource: path, headers }, ctx);
      }
      return (await headObject(service, ref, ctx)).record;
    },
  };
}

/** The new tags first: a reader in between sees some of both, never none. */
async function replaceMetadata(
  service: AtmosService,
  ref: ObjectRef,
  path: string,
  metadata: UserMetadata,
  ctx: CallContext,
): Promise<void> {
  const { plain, listable } = await readUserTags(service, ref, ctx);
  const wanted = metadataTags(metadata);
  checkApart(Object.keys(metadata), listable);
  const { utf8 } = service.facts;
  if (wanted.length > 0)
    await setTags(service, path, ['x-emc-meta', writeTags(wanted, utf8), ...utf8Headers(service)], ctx);
  const kept = new Set(wanted.map(([name]) => name));
  const mine = plain.filter((pair) => Object.keys(sortTags([pair]).metadata).length > 0).map(([name]) => name);
  await removeTags(
    service,
    path,
    mine.filter((name) => !kept.has(name)),
    ctx,
  );
}
