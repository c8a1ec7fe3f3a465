import type { Checksum, ChecksumAlgorithm } from './checksums.js';

/** Names one object. `versionId` picks a version where the driver has the `versions` group. */
export interface ObjectRef {
  readonly container: string;
  readonly key: string;
  readonly versionId?: string | undefined;
}

/** Headers that are stored with an object and sent back when it is read. */
export interface ContentHeaders {
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentLanguage?: string | undefined;
  readonly cacheControl?: string | undefined;
}

/** User metadata. Objects given out by drivers have no prototype, so that a key such as `__proto__` is data. */
export type UserMetadata = Readonly<Record<string, string>>;

/** Digests of the whole object, lower-case hexadecimal. Composite digests of multipart objects never stand here. */
export type Checksums = Readonly<Partial<Record<ChecksumAlgorithm, string>>>;

/** What a driver knows of an object. Only `key` and `size` are always there. */
export interface ObjectRecord extends ContentHeaders {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Opaque, without quotes, equal exactly when the content is equal in the store's view. */
  readonly etag?: string | undefined;
  /** Milliseconds since 1970, UTC. */
  readonly modifiedAtMs?: number | undefined;
  /** Milliseconds since 1970, UTC, where the store keeps it. */
  readonly createdAtMs?: number | undefined;
  /** Milliseconds since 1970, UTC, where the store keeps it. */
  readonly accessedAtMs?: number | undefined;
  readonly metadata?: UserMetadata | undefined;
  readonly checksums?: Checksums | undefined;
  /**
   * A digest that the whole object may well have: bytes that have it are right, bytes that have another need not be wrong. For stores
   * of which nobody knows what their ETag is.
   */
  readonly likelyChecksum?: Checksum | undefined;
  readonly versionId?: string | undefined;
  readonly storageClass?: string | undefined;
  /** Further facts under the provider's own names; Libcloud's `extra`. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * An object as a listing tells of it: what its one request gives, and no further request is spent to fill the rest. The size is missing
 * only where `capabilities.list.tellsSizes` is false.
 */
export type ListedRecord = Omit<ObjectRecord, 'size'> & { readonly size?: number | undefined };

/** An object as the answer to a copy tells of it; some stores do not tell its size. */
export type CopiedRecord = ListedRecord;

export interface ContainerRecord {
  readonly name: string;
  readonly createdAtMs?: number | undefined;
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

/** One page of containers. A missing `next` is the only end of the listing. */
export interface ContainerPage {
  readonly containers: readonly ContainerRecord[];
  readonly next?: string | undefined;
}

/** One page of objects; it may be short or empty. A missing `next` is the only end of the listing. */
export interface ObjectPage {
  readonly objects: readonly ListedRecord[];
  /** Common prefixes, each ending with the delimiter; empty without one. */
  readonly prefixes: readonly string[];
  readonly next?: string | undefined;
}

/** One version of an object; a delete marker has size 0 and no body. */
export interface VersionRecord extends ListedRecord {
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isDeleteMarker: boolean;
}

export interface VersionPage {
  readonly versions: readonly VersionRecord[];
  readonly prefixes: readonly string[];
  readonly next?: string | undefined;
}
