import { type OverOptions, storageOver } from '../../src/portable/open-storage.js';
import { createMemoryDriver, type MemoryDriver } from '../../src/memory.js';
import type { Storage } from '../../src/portable/storage.js';
import type { Container } from '../../src/portable/container.js';
import type { Capabilities } from '../../src/spi/capabilities.js';
import { createHost } from '../../src/spi/host.js';
import type { StorageDriver } from '../../src/spi/driver.js';
import { isStorageError, type StorageError } from '../../src/errors/storage-error.js';

type Group = 'parts' | 'copy' | 'move' | 'bulkDelete' | 'metadata' | 'urls' | 'versions' | 'website' | 'cdn' | 'tags';
type Facts = { readonly [Name in keyof Capabilities]?: Partial<NonNullable<Capabilities[Name]>> };

export interface LabOptions extends OverOptions {
  /** Groups that the driver shall not have. */
  readonly lacks?: readonly Group[];
  readonly facts?: Facts;
  readonly pageSize?: number;
  /** Called before each of the driver's calls, by its path such as `parts.begin`; may throw in its place. */
  readonly before?: (call: string, args: readonly unknown[]) => void | Promise<void>;
  /** Called after each of the driver's calls; what it gives replaces the result, and what it throws hides it. */
  readonly after?: (call: string, result: unknown) => unknown;
}

export interface Lab {
  readonly storage: Storage;
  readonly box: Container;
  /** The driver's calls in order, by their paths; `box` was made before. */
  readonly calls: string[];
  readonly warnings: string[];
}

/** Opens a storage over the memory driver, with one container `box`, that can be made to lack things and to fail. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const { lacks = [], facts = {}, pageSize = 1000, before, after, ...over } = options;
  const calls: string[] = [];
  const warnings: string[] = [];
  const watch = async (call: string, args: readonly unknown[], work: () => Promise<unknown>): Promise<unknown> => {
    calls.push(call);
    await before?.(call, args);
    const result = await work();
    return after ? after(call, result) : result;
  };
  const memory = createMemoryDriver({ pageSize }, createHost(over.host));
  await memory.createContainer('box', {}, { attempt: 1 });
  const driver = watched(reduced(memory, lacks, facts), watch);
  const host = { warn: (message: string) => void warnings.push(message), ...over.host };
  const storage = storageOver(driver, { ...over, provider: over.provider ?? 'lab', host });
  return { storage, box: storage.container('box'), calls, warnings };
}

function reduced(driver: MemoryDriver, lacks: readonly Group[], facts: Facts): StorageDriver {
  const capabilities: Record<string, unknown> = { ...driver.capabilities };
  for (const [name, change] of Object.entries(facts)) {
    capabilities[name] = { ...(capabilities[name] as object), ...change };
  }
  const rest: Record<string, unknown> = { ...driver };
  for (const group of lacks) {
    rest[group] = undefined;
    // The limits of user metadata bear the group's name and stay.
    if (group !== 'metadata') capabilities[group] = undefined;
  }
  return { ...rest, capabilities } as unknown as StorageDriver;
}

type Watch = (call: string, args: readonly unknown[], work: () => Promise<unknown>) => Promise<unknown>;

function watched(driver: StorageDriver, watch: Watch): StorageDriver {
  const wrap = (object: Record<string, unknown>, path: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => {
        if (name === 'capabilities' || name === 'publicUrl') return [name, value];
        if (typeof value === 'object' && value !== null)
          return [name, wrap(value as Record<string, unknown>, `${path}${name}.`)];
        if (typeof value !== 'function') return [name, value];
        const method = value as (...args: unknown[]) => Promise<unknown>;
        return [name, (...args: unknown[]) => watch(`${path}${name}`, args, () => method.apply(object, args))];
      }),
    );
  return wrap(driver as unknown as Record<string, unknown>, '') as unknown as StorageDriver;
}

export async function failureOf(promise: Promise<unknown>): Promise<StorageError> {
  try {
    await promise;
  } catch (error) {
    if (isStorageError(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

/** Puts empty objects under these keys. */
export async function fill(box: Container, keys: Iterable<string>): Promise<void> {
  for (const key of keys) await box.put(key, '');
}

export async function keysOf(objects: AsyncIterable<{ readonly key: string }>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects) keys.push(key);
  return keys;
}
