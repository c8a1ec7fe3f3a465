import { createHash, randomBytes } from 'node:crypto';
import { compareBytes } from '../key-walk.js';
import type { ChecksumName } from './checksums.js';
import { noSuchBucket, noSuchKey, S3Error } from './errors.js';

/** What a version keeps beside its bytes: response headers in lower case, among them `x-amz-meta-*`. */
export type StoredHeaders = Readonly<Record<string, string>>;

export interface StoredVersion {
  readonly key: string;
  /** `null` for what was written while versioning was off. */
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
  readonly body: Buffer;
  readonly etag: string;
  readonly modifiedAtMs: number;
  readonly headers: StoredHeaders;
  readonly tags: ReadonlyMap<string, string>;
  readonly storageClass: string;
  /** Base64; with `-N` behind it for a composite of N parts. */
  readonly checksum: { readonly name: ChecksumName; readonly value: string } | undefined;
  /** MD5 of the customer's key, for SSE-C. */
  readonly customerKeyMd5: string | undefined;
}

export interface UploadedPart {
  readonly number: number;
  readonly body: Buffer;
  readonly etag: string;
  readonly modifiedAtMs: number;
  readonly checksum: { readonly name: ChecksumName; readonly value: string };
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly startedAtMs: number;
  readonly headers: StoredHeaders;
  readonly tags: ReadonlyMap<string, string>;
  readonly storageClass: string;
  readonly checksumName: ChecksumName | undefined;
  readonly checksumType: 'COMPOSITE' | 'FULL_OBJECT';
  /** Its ETag is no MD5. */
  readonly hasOpaqueEtag?: boolean;
  readonly customerKeyMd5: string | undefined;
  readonly parts: Map<number, UploadedPart>;
}

export class Bucket {
  readonly uploads = new Map<string, Upload>();
  /** Sub-resources that are stored and given back as they are: lifecycle, cors, policy, website and so on. */
  readonly documents = new Map<string, string>();
  versioning: 'Off' | 'Enabled' | 'Suspended' = 'Off';
  /** Versions of a key, the latest last. */
  readonly #versions = new Map<string, StoredVersion[]>();
  #sortedKeys: readonly string[] | undefined;

  constructor(
    readonly name: string,
    readonly region: string,
    readonly createdAtMs: number,
  ) {}

  /** Every key that has a version, by UTF-8 bytes. */
  keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#versions.keys()].sort(compareBytes);
    return this.#sortedKeys;
  }

  versionsOf(key: string): readonly StoredVersion[] {
    return this.#versions.get(key) ?? [];
  }

  latest(key: string): StoredVersion | undefined {
    const version = this.#versions.get(key)?.at(-1);
    return version?.isDeleteMarker === true ? undefined : version;
  }

  /** The version that a request names, or the latest. Throws NoSuchKey, NoSuchVersion, MethodNotAllowed. */
  find(key: string, versionId: string | undefined): StoredVersion {
    if (versionId === undefined) {
      const version = this.latest(key);
      if (version) return version;
      const marker = this.#versions.get(key)?.at(-1);
      const headers = marker ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.versionId } : {};
      throw marker
        ? new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key }, headers)
        : noSuchKey(key);
    }
    const version = this.versionsOf(key).find((candidate) => candidate.versionId === versionId);
    if (!version)
      throw new S3Error(404, 'NoSuchVersion', 'The specified version does not exist.', {
        Key: key,
        VersionId: versionId,
      });
    if (version.isDeleteMarker)
      throw new S3Error(405, 'MethodNotAllowed', undefined, {}, { 'x-amz-delete-marker': 'true' });
    return version;
  }

  newVersionId(): string {
    return this.versioning === 'Enabled' ? randomBytes(16).toString('hex') : 'null';
  }

  write(version: StoredVersion): void {
    const versions = this.#versions.get(version.key);
    if (!versions) {
      this.#versions.set(version.key, [version]);
      this.#sortedKeys = undefined;
      return;
    }
    const same = versions.findIndex((old) => old.versionId === version.versionId);
    if (same >= 0) versions.splice(same, 1);
    versions.push(version);
  }

  removeVersion(key: string, versionId: string): StoredVersion | undefined {
    const versions = this.#versions.get(key);
    const index = versions?.findIndex((version) => version.versionId === versionId) ?? -1;
    if (!versions || index < 0) return undefined;
    const [removed] = versions.splice(index, 1);
    if (versions.length === 0) {
      this.#versions.delete(key);
      this.#sortedKeys = undefined;
    }
    return removed;
  }

  get isEmpty(): boolean {
    return this.#versions.size === 0;
  }
}

export class S3Store {
  readonly buckets = new Map<string, Bucket>();

  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (!bucket) throw noSuchBucket(name);
    return bucket;
  }
}

export function md5Hex(body: Buffer): string {
  return createHash('md5').update(body).digest('hex');
}
