import { checkOptions } from '../call/option-checks.js';
import type { CallOptions } from '../call/scope.js';
import { StorageError } from '../errors/storage-error.js';
import type { ContainerRecord, ObjectRef } from '../spi/records.js';
import type { ResumableUpload, ResumeOptions } from '../transfer/resumable.js';
import type { UploadSource } from '../transfer/source.js';
import { cdnUrlOfContainer, disableContainerCdn, enableContainerCdn, purgeCdn } from './cdn.js';
import { beginUpload, goOnWithUpload, putContent } from './content.js';
import { deleteObjects, type DeleteManyResult } from './delete-objects.js';
import { ContainerNames } from './libcloud-names.js';
import { type ListedPage, ObjectListing, pageSource, readPage, toListedPage } from './listing.js';
import {
  type CdnOptions,
  CALL_ONLY_CHECKS,
  type DeleteManyOptions,
  type DeleteOptions,
  LIST_CHECKS,
  LIST_PAGE_CHECKS,
  type ListOptions,
  type ListPageOptions,
  type ListUploadsOptions,
  NO_OPTIONS,
  type PutOptions,
  type StatOptions,
  type SweepUploadsOptions,
  type WebsiteOptions,
} from './options.js';
import { ItemIterator, PageReader } from './paging.js';
import { type Session, together } from './session.js';
import type { Storage } from './storage.js';
import { StoredObject } from './stored-object.js';
import { listUploads, type PendingUpload, sweepUploads } from './uploads.js';
import { isVersioned, iterateVersions, setVersioned, type StoredVersion } from './versions.js';
import { disableWebsite, enableWebsite } from './website.js';

/** Keys to delete: names, or objects of this container. */
export type KeysToDelete = Iterable<string | StoredObject> | AsyncIterable<string | StoredObject>;

/**
 * A handle of one container. It makes no request until a method is called.
 */
export class Container extends ContainerNames {
  readonly name: string;
  readonly storage: Storage;
  /** Facts as the store told them; undefined for a handle that was only named. */
  readonly record: ContainerRecord | undefined;
  readonly #session: Session;

  /** @internal */
  constructor(session: Session, storage: Storage, name: string, record?: ContainerRecord) {
    super();
    this.#session = session;
    this.storage = storage;
    this.name = name;
    this.record = record;
  }

  /** Facts under the provider's own names. */
  get extra(): Readonly<Record<string, unknown>> {
    return this.record?.extra ?? {};
  }

  /** Makes a handle of an object, without any request. Throws `invalid-argument` for a key that the store cannot hold. */
  object(key: string): StoredObject {
    this.#session.validator.key(key);
    return new StoredObject(this.#session, this, key, {});
  }

  /** Asks for the facts of an object: one request. Throws `object-not-found`. */
  async getObject(key: string, options: StatOptions = NO_OPTIONS): Promise<StoredObject> {
    return this.object(key).stat(options);
  }

  /** Tells whether the object is there or, without a key, whether the container is: one request. */
  async exists(key?: string, options: CallOptions = NO_OPTIONS): Promise<boolean> {
    return key === undefined ? this.storage.containerExists(this.name, options) : this.object(key).exists(options);
  }

  /** Collects the objects of the container. All are held in memory: `iterateObjects` is for many. */
  async listObjects(options: ListOptions = NO_OPTIONS): Promise<StoredObject[]> {
    const { timeoutMs, ...rest } = options;
    return together(this.#session, { signal: rest.signal, timeoutMs }, (shared) =>
      this.iterateObjects({ ...rest, ...shared }).toArray(),
    );
  }

  /** Lists the objects of the container as they are asked for; `.pages()` of it gives folders too. */
  iterateObjects(options: ListOptions = NO_OPTIONS): ObjectListing {
    if (options !== NO_OPTIONS) checkOptions('iterateObjects', options, LIST_CHECKS);
    return new ObjectListing(this.#session, this, options);
  }

  /** Reads one page of the listing: one request. A page may be short or empty and yet not be the last. */
  async listPage(options: ListPageOptions = NO_OPTIONS): Promise<ListedPage> {
    if (options !== NO_OPTIONS) checkOptions('listPage', options, LIST_PAGE_CHECKS);
    const page = await readPage(this.#session, this.name, options);
    return toListedPage(page, (record) => new StoredObject(this.#session, this, record.key, { record }));
  }

  /**
   * Writes an object whole, or leaves what was there. A string is content, never a path: see `fileSource`. Large sources are sent in
   * parallel parts, streams of unknown length with bounded memory. `verified` of the result tells how far it was checked.
   */
  override async put(key: string, source: UploadSource, options: PutOptions = NO_OPTIONS): Promise<StoredObject> {
    this.#session.validator.key(key);
    const facts = await putContent(this.#session, { container: this.name, key }, source, options);
    return new StoredObject(this.#session, this, key, facts);
  }

  /** Begins an upload that another process can go on with; `upload.token` names it. Throws `unsupported` where the store has no parts. */
  async createUpload(key: string, options: PutOptions = NO_OPTIONS): Promise<ResumableUpload> {
    this.#session.validator.key(key);
    return beginUpload(this.#session, { container: this.name, key }, options);
  }

  /** Goes on with an upload that was begun elsewhere. Throws `upload-not-found` when it was completed or aborted. */
  async resumeUpload(token: string, options: ResumeOptions = NO_OPTIONS): Promise<ResumableUpload> {
    return goOnWithUpload(this.#session, this.name, token, options);
  }

  /** Lists uploads that were begun and not ended. */
  listUploads(options: ListUploadsOptions = NO_OPTIONS): AsyncIterableIterator<PendingUpload> {
    return listUploads(this.#session, this.name, options);
  }

  /** Aborts uploads that were begun long ago and not ended, and tells how many. */
  async sweepUploads(options: SweepUploadsOptions = NO_OPTIONS): Promise<number> {
    return sweepUploads(this.#session, this.name, options);
  }

  /** Deletes one object; resolves also when it is missing. */
  async deleteObject(object: string | StoredObject, options: DeleteOptions = NO_OPTIONS): Promise<void> {
    await this.#own(object).delete(options);
  }

  /** Deletes many objects, in as few requests as the store allows. Rejects only for what concerns the whole call. */
  async deleteObjects(keys: KeysToDelete, options: DeleteManyOptions = NO_OPTIONS): Promise<DeleteManyResult> {
    if (typeof keys === 'string') {
      throw new StorageError(
        'invalid-argument',
        'deleteObjects() takes a list of keys, not one key; see deleteObject().',
      );
    }
    return deleteObjects(this.#session, 'deleteObjects', this.#refs(keys), options);
  }

  /** Deletes every object whose key begins with the prefix; the empty prefix empties the container. */
  async deletePrefix(prefix: string, options: DeleteManyOptions = NO_OPTIONS): Promise<DeleteManyResult> {
    if (typeof (prefix as unknown) !== 'string') {
      throw new StorageError('invalid-argument', 'The prefix of deletePrefix() must be a string.');
    }
    const { timeoutMs, signal, ...rest } = options;
    return together(this.#session, { signal, timeoutMs }, (shared) =>
      deleteObjects(this.#session, 'deletePrefix', this.#refsUnder(prefix, shared), { ...rest, ...shared }),
    );
  }

  /** Deletes the container. Throws `container-not-empty`, `container-not-found`. */
  async delete(options: CallOptions = NO_OPTIONS): Promise<void> {
    await this.storage.deleteContainer(this, options);
  }

  /** Lists all versions of the objects, with the marks of deletions. Throws `unsupported` where the store keeps none. */
  iterateVersions(options: ListOptions = NO_OPTIONS): AsyncIterableIterator<StoredVersion> {
    if (options !== NO_OPTIONS) checkOptions('iterateVersions', options, LIST_CHECKS);
    return iterateVersions(this.#session, this, options);
  }

  /** Lists the versions of one key. */
  versionsOf(key: string, options: CallOptions = NO_OPTIONS): AsyncIterableIterator<StoredVersion> {
    if (options !== NO_OPTIONS) checkOptions('versions', options, CALL_ONLY_CHECKS);
    return iterateVersions(this.#session, this, { ...options, prefix: key }, key);
  }

  /** Tells whether the store keeps what is overwritten and deleted. */
  async isVersioned(options: CallOptions = NO_OPTIONS): Promise<boolean> {
    return isVersioned(this.#session, this.name, options);
  }

  /** Makes the store keep what is overwritten and deleted from now on, or ends it. */
  async setVersioned(enabled: boolean, options: CallOptions = NO_OPTIONS): Promise<void> {
    await setVersioned(this.#session, this.name, enabled, options);
  }

  /** Makes the provider serve the container as a website. */
  async enableWebsite(options: WebsiteOptions): Promise<void> {
    await enableWebsite(this.#session, this.name, options);
  }

  async disableWebsite(options: CallOptions = NO_OPTIONS): Promise<void> {
    await disableWebsite(this.#session, this.name, options);
  }

  /** The container's address at the provider's CDN. */
  async getCdnUrl(options: CallOptions = NO_OPTIONS): Promise<string> {
    return cdnUrlOfContainer(this.#session, this.name, options);
  }

  async enableCdn(options: CdnOptions = NO_OPTIONS): Promise<void> {
    await enableContainerCdn(this.#session, this.name, options);
  }

  async disableCdn(options: CallOptions = NO_OPTIONS): Promise<void> {
    await disableContainerCdn(this.#session, this.name, options);
  }

  /** Drops the copies that the CDN keeps of this container. */
  async purgeCdn(options: CallOptions = NO_OPTIONS): Promise<void> {
    await purgeCdn(this.#session, { container: this.name }, options);
  }

  /** Facts for a log line. */
  toJSON(): Record<string, unknown> {
    return { provider: this.#session.provider, ...this.record, name: this.name };
  }

  override toString(): string {
    return `Container ${this.#session.provider}:${this.name}`;
  }

  /** @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `<${this.toString()}>`;
  }

  /** Throws `invalid-argument` for an object of another container. */
  #own(object: string | StoredObject): StoredObject {
    if (typeof object === 'string') return this.object(object);
    if (object.container.name === this.name && object.storage === this.storage) return object;
    const message = `${object.toString()} is not in ${this.toString()}; delete it through its own container.`;
    throw new StorageError('invalid-argument', message);
  }

  async *#refs(keys: KeysToDelete): AsyncGenerator<ObjectRef> {
    for await (const item of keys) yield this.#own(item).ref;
  }

  #refsUnder(prefix: string, options: CallOptions): AsyncIterable<ObjectRef> {
    const subject = { operation: 'deletePrefix', container: this.name };
    const reader = new PageReader(this.#session, options, pageSource(this.#session, this.name, { prefix }), subject);
    return new ItemIterator(
      reader,
      (page) => page.objects,
      ({ key }) => ({ container: this.name, key }),
    );
  }
}
