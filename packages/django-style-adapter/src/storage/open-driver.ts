import { type Container, isStorageError, openStorage, type OpenOptions, type Storage } from '@stowage/core';
import { ImproperlyConfigured } from '../errors.js';
import type { Provider } from '../settings/provider.js';

function typeNameOf(type: unknown): string {
  if (typeof type === 'string') return type;
  const { type: name } = (type ?? {}) as { readonly type?: unknown };
  return typeof name === 'string' ? name : 'None';
}

/** Makes a provider's driver. Throws Libcloud's `ImproperlyConfigured`, with core's reason in it and as its cause. */
export function openDriver(provider: Provider, options: OpenOptions): Storage {
  try {
    return openStorage(provider.driver, options);
  } catch (cause) {
    if (!isStorageError(cause)) throw cause;
    const typeName = typeNameOf(provider.driver.type);
    throw new ImproperlyConfigured(`Unable to create libcloud driver type ${typeName}: ${cause.message}`, { cause });
  }
}

/** Names a provider's bucket, without any request. Throws `ImproperlyConfigured` for a name that the store cannot have. */
export function openBucket(driver: Storage, { name, bucket }: Provider): Container {
  try {
    return driver.container(bucket);
  } catch (cause) {
    if (!isStorageError(cause)) throw cause;
    throw new ImproperlyConfigured(`LIBCLOUD_PROVIDERS ${name}.bucket: ${cause.message}`, { cause });
  }
}
