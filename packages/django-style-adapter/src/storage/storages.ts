import { ImproperlyConfigured } from '../errors.js';
import { Configuration, type ConfigureOptions } from '../settings/configuration.js';
import type { Settings } from '../settings/settings.js';
import { LIBCLOUD_STORAGE_PATH, LibCloudStorage } from './libcloud-storage.js';

/** Makes the storage that an alias of `STORAGES` names. Throws `ImproperlyConfigured`. */
export function makeAlias(configuration: Configuration, alias: string): LibCloudStorage {
  const { backend = LIBCLOUD_STORAGE_PATH, providerName } = configuration.findBackend(alias);
  const options = { ...configuration.options, settings: configuration.settings };
  if (typeof backend === 'function') return new backend(providerName, options);
  if (backend === LIBCLOUD_STORAGE_PATH) return new LibCloudStorage(providerName, options);
  throw new ImproperlyConfigured(
    `Could not find backend '${backend}'. Here it is '${LIBCLOUD_STORAGE_PATH}', or a class that extends LibCloudStorage.`,
  );
}

/** The storages of one set of settings, independent of `configure()` and of every other set. */
export class Storages implements AsyncDisposable {
  readonly #configuration: Configuration;
  readonly #aliases = new Map<string, LibCloudStorage>();

  /** Throws `ImproperlyConfigured` for settings that nobody would read. */
  constructor(settings: Settings, options: ConfigureOptions = {}) {
    this.#configuration = new Configuration(settings, options);
  }

  /** The storage of `DEFAULT_FILE_STORAGE`, or of `STORAGES.default`; made when it is first asked for. */
  get default(): LibCloudStorage {
    return this.get('default');
  }

  /** The storage of an alias of `STORAGES`; made when it is first asked for. Throws `ImproperlyConfigured`. */
  get(alias: string): LibCloudStorage {
    const known = this.#aliases.get(alias);
    if (known) return known;
    const made = makeAlias(this.#configuration, alias);
    this.#aliases.set(alias, made);
    return made;
  }

  /** Makes a storage over a provider. Its connections are the caller's to close. Throws `ImproperlyConfigured`. */
  open(providerName?: string): LibCloudStorage {
    const { settings, options } = this.#configuration;
    return new LibCloudStorage(providerName, { ...options, settings });
  }

  /** Closes what `get` and `default` made. */
  async close(): Promise<void> {
    const made = [...this.#aliases.values()];
    this.#aliases.clear();
    await Promise.all(made.map((storage) => storage.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Takes settings for storages of their own, beside or instead of `configure()`. Throws `ImproperlyConfigured`. */
export function createStorages(settings: Settings, options: ConfigureOptions = {}): Storages {
  return new Storages(settings, options);
}
