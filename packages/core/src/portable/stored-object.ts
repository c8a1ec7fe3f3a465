import type { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { checkOptions } from '../call/option-checks.js';
import type { CallOptions } from '../call/scope.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { Verification } from '../spi/checksums.js';
import type { SignedForm, SignedUrl } from '../spi/groups.js';
import type { Checksums, CopiedRecord, ObjectRecord, ObjectRef, UserMetadata } from '../spi/records.js';
import type { PutAttributes } from '../spi/requests.js';
import type {
  DownloadOptions,
  DownloadResult,
  ObjectStream,
  ReadOptions,
  StreamOptions,
} from '../transfer/download-options.js';
import type { UploadSource } from '../transfer/source.js';
import { cdnUrlOfObject, enableObjectCdn, purgeCdn } from './cdn.js';
import type { Container } from './container.js';
import { openStream, readBytes, readToFile } from './content.js';
import { copyObject, moveObject } from './copy-move.js';
import { deleteObject } from './delete-objects.js';
import { ObjectNames } from './libcloud-names.js';
import {
  type CdnOptions,
  type CopyOptions,
  type DeleteOptions,
  NO_OPTIONS,
  type PutOptions,
  type SignedFormOptions,
  type SignedUrlOptions,
  STAT_CHECKS,
  type StatOptions,
  type UpdateMetadataOptions,
} from './options.js';
import { need, type Session } from './session.js';
import type { Storage } from './storage.js';
import { readTags, replaceTags } from './tags.js';
import { updateMetadata } from './update-metadata.js';
import { publicUrl, signForm, signUrl } from './urls.js';
import type { StoredVersion } from './versions.js';

/** Where a copy or a move goes: an object, or a container and a key; what is missing is as in the source. */
export type CopyTarget =
  StoredObject | { readonly container?: Container | string | undefined; readonly key?: string | undefined };

/** What is known of an object when its handle is made. */
export interface ObjectFacts {
  readonly record?: CopiedRecord | undefined;
  /** Reads, copies and deletes of the handle are of this version. */
  readonly versionId?: string | undefined;
  readonly verified?: Verification | undefined;
  readonly lost?: readonly string[] | undefined;
}

const NOTHING: readonly string[] = Object.freeze([]);

/**
 * A handle of one object. It makes no request until a method is called; it knows the facts of the object (`record`) when it came from a
 * listing, a put or a `stat`, and these do not change when the object does.
 */
export class StoredObject extends ObjectNames {
  readonly key: string;
  readonly container: Container;
  /** Facts as the store told them; undefined for a handle that was only named. Listings and copies of some stores do not tell the size. */
  readonly record: CopiedRecord | undefined;
  /** How far the put that gave this handle was checked; undefined for other handles. */
  readonly verified: Verification | undefined;
  /** Attributes of the source that a copy with `lossy: 'report'` left behind; empty for other handles. */
  readonly lost: readonly string[];
  readonly #session: Session;
  readonly #pinned: string | undefined;

  /** @internal */
  constructor(session: Session, container: Container, key: string, facts: ObjectFacts) {
    super();
    this.#session = session;
    this.container = container;
    this.key = key;
    this.record = facts.record;
    this.verified = facts.verified;
    this.lost = facts.lost ?? NOTHING;
    this.#pinned = facts.versionId;
  }

  get storage(): Storage {
    return this.container.storage;
  }

  /** How drivers name the object. */
  get ref(): ObjectRef {
    const { container, key } = this;
    const versionId = this.#pinned;
    return versionId === undefined ? { container: container.name, key } : { container: container.name, key, versionId };
  }

  /** Bytes. */
  get size(): number | undefined {
    return this.record?.size;
  }

  /** Without quotes. */
  get etag(): string | undefined {
    return this.record?.etag;
  }

  get contentType(): string | undefined {
    return this.record?.contentType;
  }

  get lastModified(): Date | undefined {
    const ms = this.record?.modifiedAtMs;
    return ms === undefined ? undefined : new Date(ms);
  }

  get metadata(): UserMetadata | undefined {
    return this.record?.metadata;
  }

  get checksums(): Checksums | undefined {
    return this.record?.checksums;
  }

  get versionId(): string | undefined {
    return this.#pinned ?? this.record?.versionId;
  }

  /** Facts under the provider's own names. */
  get extra(): Readonly<Record<string, unknown>> {
    return this.record?.extra ?? {};
  }

  /** Libcloud's `hash`: the MD5 in hexadecimal where the store tells it, else the ETag. */
  get hash(): string | undefined {
    return this.record?.checksums?.md5 ?? this.record?.etag;
  }

  /** Asks the store for the facts: one request. Throws `object-not-found`, and `not-modified` or `precondition-failed` by condition. */
  async stat(options: StatOptions = NO_OPTIONS): Promise<StoredObject> {
    return this.#with({ record: await this.#stat('stat', options) });
  }

  /** Tells whether the object is there: one request. */
  async exists(options: StatOptions = NO_OPTIONS): Promise<boolean> {
    try {
      await this.#stat('exists', options);
      return true;
    } catch (error) {
      if (isStorageError(error, 'object-not-found')) return false;
      throw error;
    }
  }

  /** Reads the object, or the range, into memory: one request. An object cut short on its way is an error. */
  async bytes(options: ReadOptions = NO_OPTIONS): Promise<Buffer> {
    const result = await readBytes(this.#session, this.ref, options, 'bytes');
    return result.bytes;
  }

  /** As `bytes`, decoded as UTF-8. */
  async text(options: ReadOptions = NO_OPTIONS): Promise<string> {
    const { bytes } = await readBytes(this.#session, this.ref, options, 'text');
    return bytes.toString('utf8');
  }

  /** As `text`, parsed as JSON. Throws `invalid-argument` when it is none. */
  async json<T = unknown>(options: ReadOptions = NO_OPTIONS): Promise<T> {
    const { bytes } = await readBytes(this.#session, this.ref, options, 'json');
    try {
      return JSON.parse(bytes.toString('utf8')) as T;
    } catch (cause) {
      const { container, key } = this.ref;
      const message = `Object "${key}" does not hold JSON: ${(cause as Error).message}`;
      throw new StorageError('invalid-argument', message, { operation: 'json', container, key, cause });
    }
  }

  /**
   * Opens the content as a Node stream. Rejects before there is a stream when the object is missing. A connection that breaks is
   * taken up again where it broke; the stream fails when the content changed meanwhile or is cut short. Destroying it ends the request.
   */
  override async stream(options: StreamOptions = NO_OPTIONS): Promise<ObjectStream> {
    return openStream(this.#session, this.ref, options, 'stream');
  }

  /** As `stream`, as a web stream. */
  async webStream(options: StreamOptions = NO_OPTIONS): Promise<ReadableStream<Uint8Array>> {
    const stream: Readable = await openStream(this.#session, this.ref, options, 'webStream');
    const { Readable: NodeReadable } = await import('node:stream');
    return NodeReadable.toWeb(stream) as ReadableStream<Uint8Array>;
  }

  /**
   * Writes the content into a file, by parallel ranges where it is large, and checks it. The file appears whole or not at all; one that
   * is there is kept unless `overwrite` is true.
   */
  override async download(path: string | URL, options: DownloadOptions = NO_OPTIONS): Promise<DownloadResult> {
    return readToFile(this.#session, this.ref, path, options);
  }

  /** Writes content under this key; see `Container.put`. */
  async put(source: UploadSource, options: PutOptions = NO_OPTIONS): Promise<StoredObject> {
    return this.container.put(this.key, source, options);
  }

  /** Deletes the object; resolves also when it is missing. */
  async delete(options: DeleteOptions = NO_OPTIONS): Promise<void> {
    await deleteObject(this.#session, this.ref, options);
  }

  /**
   * Copies the object with its attributes: inside the store where it can; else, and to another storage, through this process, as
   * `emulate` allows.
   */
  async copyTo(target: CopyTarget, options: CopyOptions = NO_OPTIONS): Promise<StoredObject> {
    const to = this.#target(target);
    return to.#with(await copyObject(this.#session, this.ref, to.#session, to.ref, options, 'copyTo'));
  }

  /** Moves the object. Where the store has no move, it is a copy and then a delete of exactly what was copied: nothing is lost. */
  async moveTo(target: CopyTarget, options: CopyOptions = NO_OPTIONS): Promise<StoredObject> {
    const to = this.#target(target);
    return to.#with(await moveObject(this.#session, this.ref, to.#session, to.ref, options));
  }

  /**
   * Changes headers and user metadata and leaves the content. Fields that are missing stay as they are; `metadata` replaces all user
   * metadata.
   */
  async updateMetadata(change: PutAttributes, options: UpdateMetadataOptions = NO_OPTIONS): Promise<StoredObject> {
    return this.#with({ record: await updateMetadata(this.#session, this.ref, change, options) });
  }

  /** The tags of the object, which rules of the store can name. */
  async getTags(options: CallOptions = NO_OPTIONS): Promise<Readonly<Record<string, string>>> {
    return readTags(this.#session, this.ref, options);
  }

  /** Replaces all tags of the object. */
  async setTags(tags: Readonly<Record<string, string>>, options: CallOptions = NO_OPTIONS): Promise<void> {
    await replaceTags(this.#session, this.ref, tags, options);
  }

  /** Makes a URL that lets its bearer do one thing for a while. Most stores need no request for it. */
  async signedUrl(options: SignedUrlOptions = NO_OPTIONS): Promise<SignedUrl> {
    return signUrl(this.#session, this.ref, options);
  }

  /** Makes a form by which a browser uploads straight to the store. */
  async signedForm(options: SignedFormOptions = NO_OPTIONS): Promise<SignedForm> {
    return signForm(this.#session, this.ref, options);
  }

  /** The address for anonymous readers. It makes no request and does not promise that they may read. */
  publicUrl(): string {
    return publicUrl(this.#session, this.ref);
  }

  /** The object's address at the provider's CDN. */
  async getCdnUrl(options: CallOptions = NO_OPTIONS): Promise<string> {
    return cdnUrlOfObject(this.#session, this.ref, options);
  }

  async enableCdn(options: CdnOptions = NO_OPTIONS): Promise<void> {
    await enableObjectCdn(this.#session, this.ref, options);
  }

  /** Drops the copies that the CDN keeps. */
  async purgeCdn(options: CallOptions = NO_OPTIONS): Promise<void> {
    await purgeCdn(this.#session, { container: this.container.name, key: this.key }, options);
  }

  /** Lists the versions of this object, the newest first, with the marks of its deletions. */
  versions(options: CallOptions = NO_OPTIONS): AsyncIterableIterator<StoredVersion> {
    return this.container.versionsOf(this.key, options);
  }

  /** Facts for a log line. */
  toJSON(): Record<string, unknown> {
    return { provider: this.#session.provider, container: this.container.name, key: this.key, ...this.record };
  }

  override toString(): string {
    return `StoredObject ${this.#session.provider}:${this.container.name}/${this.key}`;
  }

  /** @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `<${this.toString()}${this.size === undefined ? '' : `, ${this.size} bytes`}>`;
  }

  #with(facts: ObjectFacts): StoredObject {
    return new StoredObject(this.#session, this.container, this.key, { versionId: this.#pinned, ...facts });
  }

  async #stat(operation: string, options: StatOptions): Promise<ObjectRecord> {
    const { driver, caller, validator } = this.#session;
    if (options !== NO_OPTIONS) {
      checkOptions(operation, options, STAT_CHECKS);
      validator.read(operation, options);
    }
    const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs, provider, versionId } = options;
    const request = { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs, provider };
    const ref = versionId === undefined ? this.ref : { container: this.container.name, key: this.key, versionId };
    if (ref.versionId !== undefined) need(this.#session, driver.versions, operation, 'versions');
    const subject = { operation, container: ref.container, key: ref.key };
    return caller.run(subject, options, (ctx) => driver.stat(ref, request, ctx));
  }

  #target(target: CopyTarget): StoredObject {
    if (target instanceof StoredObject) return target;
    const { container = this.container, key = this.key } = target;
    return (typeof container === 'string' ? this.storage.container(container) : container).object(key);
  }
}
