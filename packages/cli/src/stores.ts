import type { Container, Storage } from '@stowage/core';
import { LibCloudStorage, type ConfigureOptions } from '@stowage/django-style-adapter';
import type { LoadedSettings } from './settings.js';

/** One provider of the settings, opened. */
export interface Store {
  readonly files: LibCloudStorage;
  readonly storage: Storage;
  /** The provider's bucket. */
  readonly container: Container;
}

/** Opens providers of the settings when they are first named, each once. */
export class Stores implements AsyncDisposable {
  readonly #loaded: LoadedSettings;
  readonly #options: ConfigureOptions;
  readonly #open = new Map<string | undefined, Store>();

  constructor(loaded: LoadedSettings, warn: (message: string) => void) {
    this.#loaded = loaded;
    this.#options = { resolveFrom: loaded.resolveFrom, host: { warn } };
  }

  /** Names of the providers, as the settings list them. */
  get names(): readonly string[] {
    return Object.keys(this.#loaded.settings.LIBCLOUD_PROVIDERS ?? {});
  }

  /** Makes no request. Throws `ImproperlyConfigured`. */
  open(provider: string | undefined): Store {
    const known = this.#open.get(provider);
    if (known) return known;
    const files = new LibCloudStorage(provider, { ...this.#options, settings: this.#loaded.settings });
    const store = { files, storage: files.driver, container: files.driver.container(files.bucket) };
    this.#open.set(provider, store);
    return store;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stores = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(stores.map(({ files }) => files.close()));
  }
}
