import type { Configuration } from '../settings/configuration.js';
import { currentConfiguration } from '../settings/configured.js';
import { LibCloudStorage } from './libcloud-storage.js';
import { makeAlias } from './storages.js';

/** One storage for each configuration: after `configure` or an override, `defaultStorage` is that of the new settings. */
const madeStorages = new WeakMap<Configuration, LibCloudStorage>();

function current(): LibCloudStorage {
  const configuration = currentConfiguration('DEFAULT_FILE_STORAGE');
  const made = madeStorages.get(configuration) ?? makeAlias(configuration, 'default');
  madeStorages.set(configuration, made);
  return made;
}

/**
 * The storage of `DEFAULT_FILE_STORAGE`, or of `STORAGES.default`. It is made when it is first used, so that it can be imported
 * before `configure()` is called.
 */
export const defaultStorage: LibCloudStorage = new Proxy(Object.create(LibCloudStorage.prototype) as LibCloudStorage, {
  get(_, name): unknown {
    const storage = current();
    const value: unknown = Reflect.get(storage, name);
    return typeof value === 'function' && name !== 'constructor' ? (value.bind(storage) as unknown) : value;
  },
  set: (_, name, value) => Reflect.set(current(), name, value),
  has: (_, name) => Reflect.has(current(), name),
});
