import type { DriverModule } from '@stowage/core';
import { createMemoryDriver } from '@stowage/core/memory';
import type { Capabilities, StorageDriver } from '@stowage/core/spi';
import { createStorages, type LibCloudStorage, type ProviderSettings, type Settings } from '../../src/index.js';

/** Stands between a storage and the memory driver: changes facts, counts and delays calls. */
export interface Interference {
  /** What the driver says of itself instead. */
  readonly capabilities?: (facts: Capabilities) => Capabilities;
  /** Groups that the driver does not have. */
  readonly without?: readonly ('parts' | 'urls' | 'copy')[];
  /** Runs before a call reaches the driver. */
  readonly before?: (operation: string, args: readonly unknown[]) => Promise<void> | void;
}

export interface CountedStorage {
  readonly store: LibCloudStorage;
  /** Names of the requests made so far. */
  readonly requests: string[];
  /** Empties the list and gives what was in it. */
  readonly takeRequests: () => string[];
}

const REQUESTS = new Set(['statContainer', 'createContainer', 'list', 'stat', 'read', 'put', 'delete']);

type Call = (...args: unknown[]) => Promise<unknown>;

function interfere(driver: StorageDriver, requests: string[], interference: Interference): StorageDriver {
  const { without = [], before, capabilities } = interference;
  const countCalls = <T extends object>(target: T, prefix: string, counted: (name: string) => boolean): T =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof name !== 'string' || typeof value !== 'function' || !counted(name)) return value;
        return async (...args: unknown[]) => {
          requests.push(prefix + name);
          await before?.(prefix + name, args);
          return (value as Call).apply(target, args);
        };
      },
    });
  const facts = capabilities?.(driver.capabilities) ?? driver.capabilities;
  const lacks = Object.fromEntries(without.map((group) => [group, undefined]));
  const changed: StorageDriver = Object.assign(Object.create(driver) as StorageDriver, {
    capabilities: { ...facts, ...lacks },
    parts: driver.parts && countCalls(driver.parts, 'parts.', () => true),
    ...lacks,
  });
  return countCalls(changed, '', (name) => REQUESTS.has(name));
}

/** A driver module whose storages all see the same objects. */
export function sharedMemory(requests: string[] = [], interference: Interference = {}): DriverModule {
  let driver: StorageDriver | undefined;
  return {
    api: 1,
    type: 'shared-memory',
    options: { user: { type: 'string', about: 'Ignored.' }, key: { type: 'string', about: 'Ignored.', secret: true } },
    create: (_, host) =>
      (driver ??= interfere(createMemoryDriver({ signingKey: 'key of a test' }, host), requests, interference)),
  };
}

/** A storage over memory, with its bucket made. */
export async function openCounted(
  interference: Interference = {},
  provider: ProviderSettings = {},
  settings: Settings = {},
): Promise<CountedStorage> {
  const requests: string[] = [];
  const type = sharedMemory(requests, interference);
  const storages = createStorages({
    LIBCLOUD_PROVIDERS: { default: { type, bucket: 'bucket-1', ...provider } },
    ...settings,
  });
  const store = storages.open();
  await store.driver.createContainer('bucket-1');
  requests.length = 0;
  return { store, requests, takeRequests: () => requests.splice(0) };
}

/** Facts of a store that cannot refuse to overwrite. */
export function withoutCreateOnly(facts: Capabilities): Capabilities {
  return {
    ...facts,
    put: { ...facts.put, conditions: [] },
    ...(facts.parts && { parts: { ...facts.parts, conditions: [] } }),
  };
}
