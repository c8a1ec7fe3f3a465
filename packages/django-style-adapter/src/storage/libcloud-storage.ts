import type { CallOptions, Container, ObjectRecord, SignedUrlOptions, Storage, StoredObject } from '@stowage/core';
import { NotImplementedError, SuspiciousFileOperation, ValueError } from '../errors.js';
import { type DataOf, File, type FileMode } from '../files/file.js';
import { throwNotFound } from '../files/not-found.js';
import type { FileContent } from '../files/source.js';
import { StoredFile, type StoredFileOptions } from '../files/stored-file.js';
import { getAlternativeName, getAvailableOverwriteName, proposeNames } from '../names/available-name.js';
import { filepathToUri, generateFilename, getValidFilename, keyOf, validateFileName } from '../names/file-name.js';
import { Configuration, type ConfigureOptions } from '../settings/configuration.js';
import { currentConfiguration } from '../settings/configured.js';
import { isSameProvider, type Provider } from '../settings/provider.js';
import type { Settings } from '../settings/settings.js';
import { listDirectory } from './list-directory.js';
import { openBucket, openDriver } from './open-driver.js';
import {
  type NameProposal,
  refusesToOverwrite,
  type SaveAttributes,
  type SavePlan,
  saveUnderFreeName,
} from './save.js';

/** How a storage is opened; by default as `configure()` says. */
export interface LibCloudStorageOptions extends ConfigureOptions {
  /** The settings to read, instead of those of `configure()`. */
  readonly settings?: Settings;
}

export interface NameOptions extends CallOptions {
  /** Code points that the whole name may have, directories included. Default: any number. */
  readonly maxLength?: number | null | undefined;
}

export type SaveOptions = SaveAttributes & NameOptions;
export type OpenFileOptions = Omit<StoredFileOptions, 'mode'>;
export type UrlOptions = Pick<SignedUrlOptions, 'expiresInSeconds' | 'response' | 'signal' | 'timeoutMs'>;

/** What `deconstruct` gives: enough to make an equal storage. */
export type Deconstruction = readonly [path: string, args: readonly string[], kwargs: Readonly<Record<string, never>>];

/** How long Libcloud's links hold. */
const DAY_SECONDS = 86_400;

/** The name that Django settings give this class. */
export const LIBCLOUD_STORAGE_PATH = 'storages.backends.apache_libcloud.LibCloudStorage';

/**
 * Files in one bucket of one provider of `LIBCLOUD_PROVIDERS`: Django's storage contract over `@stowage/core`. A name is a path with
 * slashes, relative to the bucket; `a//b`, `./a/b` and `a\b` all name the file `a/b`.
 *
 * Errors of the store are `StorageError`, but for a missing file, which is a `FileNotFoundError`.
 */
export class LibCloudStorage implements AsyncDisposable {
  readonly providerName: string;
  /** The container that holds all files. */
  readonly bucket: string;
  /** The provider itself, with all that it can do: `store.driver.createContainer('bucket-1')`. */
  readonly driver: Storage;
  readonly #args: readonly string[];
  readonly #configuration: Configuration;
  readonly #provider: Provider;
  readonly #container: Container;

  /**
   * Makes the driver, without any request. `providerName` defaults to `DEFAULT_LIBCLOUD_PROVIDER`.
   * Throws `ImproperlyConfigured` when the settings do not fit.
   */
  constructor(providerName?: string | null, options: LibCloudStorageOptions = {}) {
    const { settings, ...openOptions } = options;
    this.#configuration = settings
      ? new Configuration(settings, openOptions)
      : currentConfiguration('LIBCLOUD_PROVIDERS').with({}, openOptions);
    this.#args = typeof providerName === 'string' ? [providerName] : [];
    this.providerName = providerName ?? this.#configuration.defaultProviderName;
    this.#provider = this.#configuration.readProvider(this.providerName);
    this.bucket = this.#provider.bucket;
    this.driver = openDriver(this.#provider, this.#configuration.openOptions());
    this.#container = openBucket(this.driver, this.#provider);
  }

  /**
   * True when two saves of one name, at the same time, always give two files: the store itself refuses to overwrite. False where
   * it cannot, or where `file_overwrite` is set; then the later one may replace the earlier.
   */
  get atomic(): boolean {
    const { capabilities } = this.driver;
    const isRacy = capabilities.put.racyConditions?.includes('ifNoneMatch') === true;
    return !this.#provider.fileOverwrite && !isRacy && refusesToOverwrite(capabilities, undefined);
  }

  /**
   * Opens a file: `rb` (the default) gives bytes, `r` text in UTF-8, `w` and `wb` write a new file in place of what is there.
   * Makes no request: a missing file is a `FileNotFoundError` of the first read.
   */
  open<Mode extends FileMode = 'rb'>(
    name: string,
    mode?: Mode,
    options: OpenFileOptions = {},
  ): StoredFile<DataOf<Mode>> {
    const openMode: FileMode = mode ?? 'rb';
    if (openMode.startsWith('w')) validateFileName(name, { allowRelativePath: true });
    return new StoredFile(this.#object(name), name, { ...options, mode: openMode });
  }

  /**
   * Stores content under this name, or under another where it is taken, and returns the name. `name` may be left out (`null`)
   * where the content has one. Content is sent as it comes; text is stored as UTF-8.
   * Throws `SuspiciousFileOperation` for a bad name.
   */
  async save(
    name: string | null,
    content: FileContent | File<Buffer | string>,
    options: SaveOptions = {},
  ): Promise<string> {
    const { maxLength, ...attributes } = options;
    const file = content instanceof File ? content : new File(content);
    const wanted = name ?? file.name;
    if (wanted === undefined) throw new TypeError('save() needs a name: the content has none.');
    validateFileName(wanted, { allowRelativePath: true });
    const contentType = attributes.contentType ?? file.contentType;
    return saveUnderFreeName(this.#savePlan(), this.#proposals(wanted, maxLength), file, {
      ...attributes,
      ...(contentType !== undefined && { contentType }),
    });
  }

  /** Deletes a file. Resolves when there is none. */
  async delete(name: string, options: CallOptions = {}): Promise<void> {
    await this.#object(name).delete(options);
  }

  /** Tells whether there is a file, by one request. Directories are none. */
  async exists(name: string, options: CallOptions = {}): Promise<boolean> {
    const key = keyOf(name);
    return key !== '' && this.#container.exists(key, options);
  }

  /**
   * Lists a directory: the names of its directories, and of its files. Reads the pages of this one directory only. A directory
   * that does not exist is empty.
   */
  async listdir(path = '', options: CallOptions = {}): Promise<readonly [directories: string[], files: string[]]> {
    return listDirectory(this.#container, keyOf(path), options);
  }

  /** Bytes. Throws `FileNotFoundError`. */
  async size(name: string, options: CallOptions = {}): Promise<number> {
    return (await this.#stat(name, options)).size;
  }

  /**
   * Gives a link to a file, without any request: under `url_base` where the settings have one, else signed for
   * `url_expires_in_seconds` where the driver can sign, else the plain address. Does not tell whether the file exists.
   * Throws `ValueError` where there is none of these.
   */
  async url(name: string, options: UrlOptions = {}): Promise<string> {
    const { urlBase, urlSigned, urlExpiresInSeconds } = this.#provider;
    const object = this.#object(name);
    if (urlBase !== undefined) return `${urlBase.replace(/\/$/, '')}/${filepathToUri(object.key)}`;
    const facts = this.driver.capabilities.urls;
    if (urlSigned && facts?.methods.includes('GET')) {
      const expiresInSeconds = urlExpiresInSeconds ?? Math.min(DAY_SECONDS, facts.maxSeconds);
      return (await object.signedUrl({ expiresInSeconds, ...options })).url;
    }
    if (this.driver.can.publicUrls !== 'absent') return object.publicUrl();
    throw new ValueError(
      `This file is not accessible via a URL. Set "url_base" in LIBCLOUD_PROVIDERS ${this.providerName}.`,
    );
  }

  /** When the content was stored last. Throws `FileNotFoundError`. */
  async getModifiedTime(name: string, options: CallOptions = {}): Promise<Date> {
    const found = await this.#stat(name, options);
    return this.#time(found.modifiedAtMs, 'modification');
  }

  /** When the file was made. Throws `FileNotFoundError`, and `NotImplementedError` where the store does not keep this. */
  async getCreatedTime(name: string, options: CallOptions = {}): Promise<Date> {
    const found = await this.#stat(name, options);
    return this.#time(found.createdAtMs, 'creation');
  }

  /** When the file was read last. Throws `FileNotFoundError`, and `NotImplementedError` where the store does not keep this. */
  async getAccessedTime(name: string, options: CallOptions = {}): Promise<Date> {
    const found = await this.#stat(name, options);
    return this.#time(found.accessedAtMs, 'access');
  }

  /** Makes a file name of any text: `John's portrait.jpg` -> `Johns_portrait.jpg`. Throws `SuspiciousFileOperation`. */
  getValidName(name: string): string {
    return getValidFilename(name);
  }

  /**
   * Finds a name that nobody has now. `save()` does not need it: it cannot be cheated by others who save at the same time. A subclass
   * that overrides it decides the names that `save()` uses; one that returns the same taken name twice has it replaced.
   */
  async getAvailableName(name: string, options: NameOptions = {}): Promise<string> {
    const { maxLength, ...call } = options;
    if (this.#provider.fileOverwrite) return getAvailableOverwriteName(name, maxLength);
    for (const proposal of proposeNames(name, maxLength, this.#alternative)) {
      if (!(await this.exists(proposal, call))) return proposal;
    }
    throw new Error('The proposals ended.');
  }

  /** Makes another name of a taken one: `a`, `.txt` -> `a_kX3b9Qz.txt`. */
  getAlternativeName(root: string, extension: string): string {
    return getAlternativeName(root, extension);
  }

  /** Makes a valid name of the last part of a path and normalises the rest. Throws `SuspiciousFileOperation`. */
  generateFilename(name: string): string {
    return generateFilename(name, (fileName) => this.getValidName(fileName));
  }

  /** Always throws `NotImplementedError`: the files are objects of a store, wherever that is. */
  path(_name: string): string {
    throw new NotImplementedError("This backend doesn't support absolute paths.");
  }

  /** Gives the class's name and the arguments that make an equal storage, for Django's migrations. No secret is in it. */
  deconstruct(): Deconstruction {
    return [LIBCLOUD_STORAGE_PATH, this.#args, {}];
  }

  /** True for a storage of the same class over an equal provider. */
  equals(other: unknown): boolean {
    if (!(other instanceof LibCloudStorage) || other.constructor !== this.constructor) return false;
    return isSameProvider(other.#provider, this.#provider);
  }

  /** Ends what is under way and frees the connections. */
  async close(): Promise<void> {
    await this.driver.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #alternative = (root: string, extension: string): string => this.getAlternativeName(root, extension);

  #object(name: string): StoredObject {
    const key = keyOf(name);
    if (key === '') throw new SuspiciousFileOperation(`Could not derive file name from '${name}'`);
    return this.#container.object(key);
  }

  async #stat(name: string, options: CallOptions): Promise<ObjectRecord> {
    const found = await this.#object(name).stat(options).catch(throwNotFound(name));
    return found.record as ObjectRecord;
  }

  #time(timeMs: number | undefined, what: string): Date {
    if (timeMs !== undefined) return new Date(timeMs);
    throw new NotImplementedError(`${this.providerName} keeps no time of ${what}.`);
  }

  /** True when a subclass has its own idea of which names are free. */
  get #choosesNames(): boolean {
    const own = LibCloudStorage.prototype;
    return this.getAvailableName !== own.getAvailableName || this.exists !== own.exists;
  }

  #savePlan(): SavePlan {
    const { fileOverwrite } = this.#provider;
    return {
      container: this.#container,
      overwrites: fileOverwrite,
      namesAreChosen: this.#choosesNames,
      maxMemoryBytes: this.#configuration.maxMemoryBytes,
      temporaryDirectory: this.#configuration.temporaryDirectory,
    };
  }

  async *#proposals(name: string, maxLength: number | null | undefined): AsyncGenerator<NameProposal, void, undefined> {
    if (!this.#choosesNames && !this.#provider.fileOverwrite) {
      for (const proposal of proposeNames(name, maxLength, this.#alternative)) yield proposalOf(proposal, false);
    }
    for (let before: string | undefined; ;) {
      const chosen = await this.getAvailableName(name, { maxLength });
      yield proposalOf(chosen, this.#provider.fileOverwrite || chosen === before);
      before = chosen;
    }
  }
}

function proposalOf(name: string, replace: boolean): NameProposal {
  validateFileName(name, { allowRelativePath: true });
  return { name, key: keyOf(name), replace };
}
