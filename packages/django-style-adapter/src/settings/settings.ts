import { didYouMean, type DriverModule } from '@stowage/core';
import { ImproperlyConfigured } from '../errors.js';
import type { LibCloudStorage, LibCloudStorageOptions } from '../storage/libcloud-storage.js';
import type { EnvironmentReference } from './environment.js';

/** A text, or where the environment holds it. In a text, `${NAME}` stands for the variable's value. */
export type Text = string | EnvironmentReference;

/** One entry of `LIBCLOUD_PROVIDERS`: a type, a bucket, the adapter's own options, and everything that the driver knows. */
export interface ProviderSettings {
  /** `libcloud.storage.types.Provider.S3_EU_WEST`, `s3_eu_west`, `s3`, a driver's package name, or the driver itself. */
  readonly type?: string | EnvironmentReference | DriverModule;
  /** The container that holds all files of this storage. */
  readonly bucket?: Text;
  /** Account, access key or base directory, as the driver has it. */
  readonly user?: Text;
  /** Secret of the account. */
  readonly key?: Text;
  /** `url()` gives this address followed by the file's name, and signs nothing. */
  readonly url_base?: Text;
  /** How long the links that `url()` signs can be used, in seconds. Default 86,400, as in Libcloud, or the most that the driver can. */
  readonly url_expires_in_seconds?: number;
  /** False: `url()` gives the plain address, for buckets that anybody may read. Default true where the driver can sign. */
  readonly url_signed?: boolean;
  /** True: `save()` replaces a file of the same name instead of finding another name. Default false. */
  readonly file_overwrite?: boolean;
  /** Options of the driver, in snake_case or camelCase. Unknown ones are refused by name. */
  readonly [option: string]: unknown;
}

/** A storage's class, or the dotted name that Django settings give it. */
export type StorageBackend =
  string | (new (providerName?: string | null, options?: LibCloudStorageOptions) => LibCloudStorage);

/** One entry of `STORAGES`, the form that Django has had since 4.2. */
export interface StorageAlias {
  readonly BACKEND: StorageBackend;
  readonly OPTIONS?: { readonly provider_name?: string; readonly providerName?: string };
}

/** The settings of a Django project that concern storage, as they stand there. */
export interface Settings {
  readonly LIBCLOUD_PROVIDERS?: Readonly<Record<string, ProviderSettings>>;
  /** The provider of storages that name none. Default `default`. */
  readonly DEFAULT_LIBCLOUD_PROVIDER?: Text;
  /** What `defaultStorage` is. Default `storages.backends.apache_libcloud.LibCloudStorage`. */
  readonly DEFAULT_FILE_STORAGE?: StorageBackend;
  /** Takes the place of `DEFAULT_FILE_STORAGE`; `defaultStorage` is its `default`. */
  readonly STORAGES?: Readonly<Record<string, StorageAlias>>;
  /** PEM files, or directories of PEM files, trusted beside Node's own roots. */
  readonly CA_CERTS_PATH?: Text | readonly Text[];
  /** A stream of unknown length up to this many bytes is held in memory by `save()`; above, on disk. Default 2,621,440. */
  readonly FILE_UPLOAD_MAX_MEMORY_SIZE?: number;
  /** Where `save()` keeps such streams while they are sent. Default: the system's temporary directory. */
  readonly FILE_UPLOAD_TEMP_DIR?: Text;
}

const KNOWN_SETTINGS = [
  'LIBCLOUD_PROVIDERS',
  'DEFAULT_LIBCLOUD_PROVIDER',
  'DEFAULT_FILE_STORAGE',
  'STORAGES',
  'CA_CERTS_PATH',
  'FILE_UPLOAD_MAX_MEMORY_SIZE',
  'FILE_UPLOAD_TEMP_DIR',
] as const satisfies readonly (keyof Settings)[];

/** Takes settings as given. Throws `ImproperlyConfigured` for a setting that nobody would read, naming the nearest known one. */
export function checkSettings(settings: Settings): Settings {
  for (const name of Object.keys(settings)) {
    if ((KNOWN_SETTINGS as readonly string[]).includes(name)) continue;
    const hint = didYouMean(name, KNOWN_SETTINGS);
    throw new ImproperlyConfigured(`${name} is no setting of storages.${hint} Known: ${KNOWN_SETTINGS.join(', ')}.`);
  }
  if (settings.STORAGES !== undefined && settings.DEFAULT_FILE_STORAGE !== undefined) {
    throw new ImproperlyConfigured('DEFAULT_FILE_STORAGE/STORAGES are mutually exclusive.');
  }
  const { FILE_UPLOAD_MAX_MEMORY_SIZE: maxBytes = 0 } = settings;
  if (!Number.isInteger(maxBytes) || maxBytes < 0) {
    throw new ImproperlyConfigured(`FILE_UPLOAD_MAX_MEMORY_SIZE is a number of bytes, not ${String(maxBytes)}.`);
  }
  return settings;
}
