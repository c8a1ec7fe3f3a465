import { StorageError } from '../errors/storage-error.js';
import type { DriverHost } from '../spi/context.js';
import type { StorageDriver } from '../spi/driver.js';
import { createHost } from '../spi/host.js';
import { createCapabilities } from './capabilities.js';
import { createContainerCalls } from './containers.js';
import { createCopy } from './copy.js';
import { createHandler } from './handle.js';
import { createBulkDelete, createMetadata, createObjectCalls, createTags } from './objects.js';
import type { MemoryOptions } from './options.js';
import { createParts } from './parts.js';
import { createCdn, createWebsite } from './public-access.js';
import { MemoryStore } from './store.js';
import { createSigner } from './signer.js';
import { createUrls } from './urls.js';
import { createVersions } from './versions.js';

/** A driver with every optional group, and the server of its URLs. */
export interface MemoryDriver extends StorageDriver {
  readonly parts: NonNullable<StorageDriver['parts']>;
  readonly copy: NonNullable<StorageDriver['copy']>;
  readonly move: NonNullable<StorageDriver['move']>;
  readonly bulkDelete: NonNullable<StorageDriver['bulkDelete']>;
  readonly metadata: NonNullable<StorageDriver['metadata']>;
  readonly tags: NonNullable<StorageDriver['tags']>;
  readonly urls: NonNullable<StorageDriver['urls']>;
  readonly versions: NonNullable<StorageDriver['versions']>;
  readonly website: NonNullable<StorageDriver['website']>;
  readonly cdn: NonNullable<StorageDriver['cdn']>;
  /** Answers requests for the URLs that `urls` and `cdn` give out; serve it at `baseUrl`, or call it in place of `fetch`. */
  handle(request: Request): Promise<Response>;
}

/**
 * Makes a store that lives as long as this object: the reference of what a driver does, and a fast store for tests.
 * Throws `invalid-argument` for a page size that is no count.
 */
export function createMemoryDriver(options: MemoryOptions = {}, host: DriverHost = createHost()): MemoryDriver {
  const pageSize = readPageSize(options.pageSize ?? 1000);
  const baseUrl = (options.baseUrl ?? 'http://memory.localhost').replace(/\/+$/, '');
  const store = new MemoryStore(host);
  const signer = createSigner(options.signingKey ?? host.randomBytes(32), host);

  const driver: StorageDriver = {
    type: 'memory',
    capabilities: createCapabilities(pageSize),
    ...createContainerCalls(store, pageSize),
    ...createObjectCalls(store, pageSize),
  };
  const parts = createParts(store, host, pageSize);
  return {
    ...driver,
    parts,
    ...createCopy(store),
    bulkDelete: createBulkDelete(store),
    metadata: createMetadata(store),
    tags: createTags(store),
    urls: createUrls(baseUrl, signer, host),
    versions: createVersions(store, pageSize),
    website: createWebsite(store),
    cdn: createCdn(store, baseUrl),
    handle: createHandler({ store, driver, parts, signer }),
  };
}

function readPageSize(pageSize: number): number {
  if (Number.isSafeInteger(pageSize) && pageSize > 0) return pageSize;
  throw new StorageError('invalid-argument', `"pageSize" is ${pageSize}; give a whole number above 0.`);
}
