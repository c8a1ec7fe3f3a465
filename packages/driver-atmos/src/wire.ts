import { type Checksums, type ObjectRecord, StorageError, type UserMetadata } from '@stowage/core/spi';
import { contentLengthOf, parseIsoDateMs, unquote, type WireResponse } from '@stowage/http';
import type { ServiceFacts } from './options.js';
import { fromTag, KEY_TAG, PART_TAG, readTags, SYSTEM_TAGS } from './tag-headers.js';

/** Tags of the system by name. */
export type SystemTags = ReadonlyMap<string, string>;

/** What the tags of an object tell. */
export interface TagFacts {
  readonly system: SystemTags;
  readonly metadata: UserMetadata;
  readonly checksums: Checksums | undefined;
  /** Tags of Stowage's own. */
  readonly own: Readonly<Record<string, string>>;
}

/** Sorts pairs of tags by whose they are. The records have no prototype, since names are the user's. */
export function sortTags(pairs: readonly (readonly [string, string])[]): TagFacts {
  const system = new Map<string, string>();
  const [metadata, own] = [record(), record()];
  const digests: { md5?: string; sha1?: string } = {};
  for (const [name, value] of pairs) {
    if (SYSTEM_TAGS.has(name)) {
      // The system's come first: a user's of the same name, which other programs may have set, does not hide them.
      if (!system.has(name)) system.set(name, value);
    } else if (name === 'md5' && /^[0-9a-f]{32}$/i.test(value)) digests.md5 = value.toLowerCase();
    else if (name === 'sha1' && /^[0-9a-f]{40}$/i.test(value)) digests.sha1 = value.toLowerCase();
    else if (name === KEY_TAG || name === PART_TAG) own[name] = value;
    else metadata[fromTag(name)] = value;
  }
  return { system, metadata, own, checksums: (digests.md5 ?? digests.sha1) ? digests : undefined };
}

function record(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}

/** The digest that the store vouches for: `MD5/<bytes>/<hex>`. It covers the object only when it covers all bytes. */
export function readWsChecksum(header: string | undefined, size: number): Checksums | undefined {
  const [, name, bytes, value] = /^(md5|sha1)\/(\d+)\/([0-9a-f]+)$/i.exec(header ?? '') ?? [];
  if (name === undefined || value === undefined || (Number(bytes) !== size && Number(bytes) !== 0)) return undefined;
  return { [name.toLowerCase()]: value.toLowerCase() };
}

/**
 * Changes with the content: the object's id is new after each put of ours, and size and time tell what others wrote into it. Dell ECS
 * has an ETag of its own.
 */
export function etagOf(system: SystemTags, own?: string): string | undefined {
  if (own !== undefined) return own;
  const objectid = system.get('objectid');
  if (objectid === undefined) return undefined;
  const digits = (system.get('mtime') ?? '').replaceAll(/[^0-9]/g, '');
  return `${objectid}-${system.get('size') ?? ''}-${digits}`;
}

/** What the headers of GET and HEAD tell of an object. */
export function toObjectRecord(
  key: string,
  response: WireResponse,
  facts: ServiceFacts,
  isHead: boolean,
): ObjectRecord {
  const { system, metadata, checksums } = sortTags(readTags(response.header('x-emc-meta'), facts.utf8));
  const size = readSize(response, system, isHead);
  const etag = unquote(response.header('etag')) || undefined;
  const vouched = readWsChecksum(response.header('x-emc-wschecksum'), size);
  const ecs = facts.name === 'ecs' && etag !== undefined && /^[0-9a-f]{32}$/.test(etag) ? { md5: etag } : undefined;
  return {
    key,
    size,
    etag: etagOf(system, etag),
    modifiedAtMs: parseIsoDateMs(system.get('mtime')),
    createdAtMs: parseIsoDateMs(system.get('itime')),
    accessedAtMs: parseIsoDateMs(system.get('atime')),
    contentType: typeOf(response),
    metadata,
    // What the store computed itself counts more than what was once told to it.
    checksums: vouched ?? ecs ?? checksums,
    extra: extraOf(system, response),
  };
}

/** A body of several ranges is of another type than the object. */
function typeOf(response: WireResponse): string | undefined {
  const type = response.header('content-type');
  return type?.startsWith('multipart/byteranges') ? undefined : type;
}

/** Libcloud's `object_id`, and what else the store tells. */
export function extraOf(system: SystemTags, response?: WireResponse): Readonly<Record<string, unknown>> {
  const extra: Record<string, unknown> = {};
  for (const [name, tag] of EXTRA_TAGS) {
    const value = system.get(tag);
    if (value !== undefined) extra[name] = value;
  }
  for (const [name, header] of EXTRA_HEADERS) {
    const value = response?.header(header);
    if (value !== undefined) extra[name] = value;
  }
  return extra;
}

const EXTRA_TAGS = [
  ['object_id', 'objectid'],
  ['policyName', 'policyname'],
  ['owner', 'uid'],
] as const;
const EXTRA_HEADERS = [
  ['listableTags', 'x-emc-listable-meta'],
  ['userAcl', 'x-emc-useracl'],
  ['groupAcl', 'x-emc-groupacl'],
  ['retentionPeriod', 'x-emc-retention-period'],
] as const;

/** Bytes of the whole object. Throws `unknown` where the store does not tell: no number would be right. */
function readSize(response: WireResponse, system: SystemTags, isHead: boolean): number {
  const total = /\/(\d+)$/.exec(response.header('content-range') ?? '')?.[1] ?? system.get('size');
  if (total !== undefined) return Number(total);
  const announced = response.status === 206 ? undefined : contentLengthOf(response);
  if (announced !== undefined && !isHead) return announced;
  throw new StorageError('unknown', 'The store does not tell the size of the object.', { status: response.status });
}
