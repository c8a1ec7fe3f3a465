import { tmpdir } from 'node:os';
import type { OpenOptions } from '@stowage/core';
import { ImproperlyConfigured } from '../errors.js';
import { findCaCertificates } from './ca-certificates.js';
import { type Environment, resolveEnvironment } from './environment.js';
import { type Provider, readProvider } from './provider.js';
import { security } from './security.js';
import { checkSettings, type Settings, type StorageBackend } from './settings.js';

/** What is no setting: how storages are opened. */
export interface ConfigureOptions extends OpenOptions {
  /** Where `{ env: 'NAME' }` and `${NAME}` are read. Default `process.env`. */
  readonly environment?: Environment;
}

/** Django's default of `FILE_UPLOAD_MAX_MEMORY_SIZE`, in bytes. */
const MAX_MEMORY_BYTES = 2_621_440;

/** Settings with everything that it takes to make storages of them. Reads the environment only when a storage is made. */
export class Configuration {
  readonly settings: Settings;
  readonly options: ConfigureOptions;

  /** Throws `ImproperlyConfigured` for settings that nobody would read. */
  constructor(settings: Settings, options: ConfigureOptions = {}) {
    this.settings = checkSettings(settings);
    this.options = options;
  }

  /** The same with some settings and options replaced. */
  with(changes: Settings, options: ConfigureOptions = {}): Configuration {
    return new Configuration({ ...this.settings, ...changes }, { ...this.options, ...options });
  }

  /** The provider of storages that name none. */
  get defaultProviderName(): string {
    return this.#readText('DEFAULT_LIBCLOUD_PROVIDER') ?? 'default';
  }

  /** Bytes of a stream that `save()` may hold in memory. */
  get maxMemoryBytes(): number {
    return this.settings.FILE_UPLOAD_MAX_MEMORY_SIZE ?? MAX_MEMORY_BYTES;
  }

  /** Where `save()` keeps longer streams. */
  get temporaryDirectory(): string {
    return this.#readText('FILE_UPLOAD_TEMP_DIR') ?? tmpdir();
  }

  /** Throws `ImproperlyConfigured`. */
  readProvider(name: string): Provider {
    return readProvider(this.settings, name, this.#environment);
  }

  /** The options for `openStorage`, with the certificates of the settings and of `security`. */
  openOptions(): OpenOptions {
    const { environment: _, ...options } = this.options;
    const caCertsPath = [...(options.network?.caCertsPath ?? []), ...this.#caCertificates()];
    const verifyTls = security.VERIFY_SSL_CERT && options.network?.verifyTls !== false;
    return { ...options, network: { ...options.network, caCertsPath, verifyTls } };
  }

  /** The class and the provider behind an alias of `STORAGES`; `default` without `STORAGES` is `DEFAULT_FILE_STORAGE`. */
  findBackend(alias: string): {
    readonly backend: StorageBackend | undefined;
    readonly providerName: string | undefined;
  } {
    const { STORAGES, DEFAULT_FILE_STORAGE } = this.settings;
    if (STORAGES === undefined && alias === 'default')
      return { backend: DEFAULT_FILE_STORAGE, providerName: undefined };
    const entry = STORAGES && Object.hasOwn(STORAGES, alias) ? STORAGES[alias] : undefined;
    if (entry === undefined)
      throw new ImproperlyConfigured(`Could not find config for '${alias}' in settings.STORAGES.`);
    const { provider_name, providerName, ...rest } = entry.OPTIONS ?? {};
    const unknown = Object.keys(rest)[0];
    if (unknown !== undefined) {
      throw new ImproperlyConfigured(
        `STORAGES.${alias}.OPTIONS.${unknown} is unknown. Known: provider_name. Options of a provider stand in LIBCLOUD_PROVIDERS.`,
      );
    }
    return { backend: entry.BACKEND, providerName: provider_name ?? providerName };
  }

  get #environment(): Environment {
    return this.options.environment ?? process.env;
  }

  #readText(setting: 'DEFAULT_LIBCLOUD_PROVIDER' | 'FILE_UPLOAD_TEMP_DIR'): string | undefined {
    return resolveEnvironment(this.settings[setting], this.#environment, setting) as string | undefined;
  }

  #caCertificates(): string[] {
    const given = resolveEnvironment(this.settings.CA_CERTS_PATH ?? [], this.#environment, 'CA_CERTS_PATH');
    return findCaCertificates([given as string | string[], security.CA_CERTS_PATH].flat());
  }
}
