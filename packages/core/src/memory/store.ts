import { digestOf } from '../checksum/digest.js';
import { StorageError } from '../errors/storage-error.js';
import type { Checksum } from '../spi/checksums.js';
import type { DriverHost } from '../spi/context.js';
import type { PartRecord } from '../spi/groups.js';
import type { ContainerRecord, ObjectRef } from '../spi/records.js';
import type { PutAttributes } from '../spi/requests.js';
import { objectNotFound } from '../spi/conditions.js';
import { containerNotFound } from './errors.js';
import { SortedKeys } from '../spi/sorted-keys.js';
import { copyAttributes, type StoredVersion, UNVERSIONED } from './stored-version.js';

/** A part that waits for its upload to be completed. */
export interface StoredPart extends PartRecord {
  readonly bytes: Buffer;
}

export interface StoredUpload {
  readonly uploadId: string;
  readonly key: string;
  readonly attributes: PutAttributes;
  readonly startedAtMs: number;
  /** By part number. */
  readonly parts: Map<number, StoredPart>;
}

export interface Website {
  readonly indexKey: string;
  readonly errorKey?: string | undefined;
}

/** All that the driver holds. Every change is made in one step, without waiting, so that no other call sees half of it. */
export class MemoryStore {
  readonly names = new SortedKeys();
  readonly #host: DriverHost;
  readonly #containers = new Map<string, MemoryContainer>();

  constructor(host: DriverHost) {
    this.#host = host;
  }

  /** Throws `container-not-found`. */
  container(name: string): MemoryContainer {
    const container = this.#containers.get(name);
    if (!container) throw containerNotFound(name);
    return container;
  }

  /** Throws `container-exists`. */
  create(name: string): MemoryContainer {
    if (this.#containers.has(name)) {
      throw new StorageError('container-exists', `There is already a container "${name}".`, { container: name });
    }
    const container = new MemoryContainer(name, this.#host);
    this.#containers.set(name, container);
    this.names.add(name);
    return container;
  }

  /** Throws `container-not-found` and `container-not-empty`. */
  delete(name: string): void {
    if (this.container(name).keys.length > 0) {
      const message = `Container "${name}" holds objects or versions of objects; delete them first.`;
      throw new StorageError('container-not-empty', message, { container: name });
    }
    this.#containers.delete(name);
    this.names.remove(name);
  }
}

export class MemoryContainer {
  readonly name: string;
  /** Every key that has a version, be it a delete marker. */
  readonly keys = new SortedKeys();
  readonly uploads = new Map<string, StoredUpload>();
  isVersioned = false;
  website: Website | undefined;
  /** Seconds that the CDN keeps objects; undefined while the container is not public. */
  cdnTtlSeconds: number | undefined;
  readonly #host: DriverHost;
  readonly #createdAtMs: number;
  /** Oldest version first. */
  readonly #versions = new Map<string, readonly StoredVersion[]>();
  #sequence = 0;

  constructor(name: string, host: DriverHost) {
    this.name = name;
    this.#host = host;
    this.#createdAtMs = host.nowMs();
  }

  toRecord(): ContainerRecord {
    const { name, isVersioned, website, cdnTtlSeconds } = this;
    const extra = { isVersioned, ...(website && { website }), ...(cdnTtlSeconds !== undefined && { cdnTtlSeconds }) };
    return { name, createdAtMs: this.#createdAtMs, extra };
  }

  /** Every version of a key, oldest first. */
  versionsOf(key: string): readonly StoredVersion[] {
    return this.#versions.get(key) ?? [];
  }

  /** The object under a key, unless there is none or it was deleted. */
  current(key: string): StoredVersion | undefined {
    const latest = this.versionsOf(key).at(-1);
    return latest?.isDeleteMarker ? undefined : latest;
  }

  /** What a reference names. Throws `object-not-found`. */
  find(ref: ObjectRef): StoredVersion {
    const version =
      ref.versionId === undefined
        ? this.current(ref.key)
        : this.versionsOf(ref.key).find(({ versionId }) => versionId === ref.versionId);
    if (!version || version.isDeleteMarker) throw objectNotFound(ref);
    return version;
  }

  /** Stores a new version. `checksum` is one that was compared. */
  write(key: string, bytes: Buffer, attributes: PutAttributes, checksum?: Checksum): StoredVersion {
    const etag = digestOf('md5', bytes);
    const checksums = Object.freeze({ md5: etag, ...(checksum && { [checksum.algorithm]: checksum.value }) });
    return this.#add(key, { bytes, etag, checksums, attributes: copyAttributes(attributes), isDeleteMarker: false });
  }

  /** Changes attributes in place: neither the version's id nor its time of writing becomes another. */
  replace(version: StoredVersion, attributes: PutAttributes): StoredVersion {
    const changed: StoredVersion = { ...version, attributes: copyAttributes(attributes) };
    const versions = this.versionsOf(version.key).map((other) => (other === version ? changed : other));
    this.#versions.set(version.key, versions);
    return changed;
  }

  /** Deletes what a key names; leaves a delete marker, and returns it, where older versions stay. */
  remove(key: string): StoredVersion | undefined {
    const kept = this.#kept(key);
    if (kept.length === 0) {
      this.#set(key, []);
      return undefined;
    }
    const nothing = { bytes: Buffer.alloc(0), etag: '', checksums: {}, attributes: {} };
    return this.#add(key, { ...nothing, isDeleteMarker: true });
  }

  /** Deletes one version for good. */
  removeVersion(version: StoredVersion): void {
    this.#set(
      version.key,
      this.versionsOf(version.key).filter((other) => other !== version),
    );
  }

  #add(
    key: string,
    content: Pick<StoredVersion, 'bytes' | 'etag' | 'checksums' | 'attributes' | 'isDeleteMarker'>,
  ): StoredVersion {
    const nowMs = this.#host.nowMs();
    const version: StoredVersion = {
      ...content,
      key,
      versionId: this.isVersioned ? this.#host.randomBytes(16).toString('hex') : UNVERSIONED,
      sequence: ++this.#sequence,
      createdAtMs: this.current(key)?.createdAtMs ?? nowMs,
      modifiedAtMs: nowMs,
    };
    this.#set(key, [...this.#kept(key), version]);
    return version;
  }

  /** Versions that the next write leaves: all while versioning is on, those that were written under it otherwise. */
  #kept(key: string): readonly StoredVersion[] {
    const versions = this.versionsOf(key);
    return this.isVersioned ? versions : versions.filter(({ versionId }) => versionId !== UNVERSIONED);
  }

  #set(key: string, versions: readonly StoredVersion[]): void {
    if (versions.length > 0) {
      this.keys.add(key);
      this.#versions.set(key, versions);
    } else {
      this.keys.remove(key);
      this.#versions.delete(key);
    }
  }
}
