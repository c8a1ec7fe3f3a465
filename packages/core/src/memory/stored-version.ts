import type { Checksums, ObjectRecord, UserMetadata, VersionRecord } from '../spi/records.js';
import type { PutAttributes } from '../spi/requests.js';

/** The id of versions that were written while versioning was off. */
export const UNVERSIONED = 'null';

/** One version of one key. It is never changed, only replaced. */
export interface StoredVersion {
  readonly key: string;
  readonly versionId: string;
  /** Rises with every write to the container; the newest version of a key has the highest. */
  readonly sequence: number;
  readonly isDeleteMarker: boolean;
  readonly bytes: Buffer;
  readonly etag: string;
  readonly checksums: Checksums;
  readonly attributes: PutAttributes;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

/** Copies attributes, so that what the caller changes later is not changed in the store. */
export function copyAttributes(attributes: PutAttributes): PutAttributes {
  const { contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl } = attributes;
  const { metadata, storageClass, tags, acl } = attributes;
  return {
    ...{ contentType, contentEncoding, contentDisposition, contentLanguage, cacheControl, storageClass, acl },
    metadata: metadata && withoutPrototype(metadata),
    tags: tags && withoutPrototype(tags),
  };
}

/** What a stat tells of a version. */
export function toRecord(version: StoredVersion): ObjectRecord {
  const { acl, tags, metadata, storageClass = 'STANDARD', ...headers } = version.attributes;
  return {
    ...headers,
    key: version.key,
    size: version.bytes.length,
    etag: version.etag,
    modifiedAtMs: version.modifiedAtMs,
    createdAtMs: version.createdAtMs,
    metadata: withoutPrototype(metadata ?? {}),
    checksums: version.checksums,
    storageClass,
    ...(version.versionId !== UNVERSIONED && { versionId: version.versionId }),
    ...((tags ?? acl) !== undefined && { extra: { ...(tags && { tags }), ...(acl !== undefined && { acl }) } }),
  };
}

export function toVersionRecord(version: StoredVersion, isLatest: boolean): VersionRecord {
  const { versionId, isDeleteMarker } = version;
  return { ...toRecord(version), versionId, isLatest, isDeleteMarker };
}

function withoutPrototype(values: UserMetadata): UserMetadata {
  return Object.freeze(Object.assign(Object.create(null) as Record<string, string>, values));
}
