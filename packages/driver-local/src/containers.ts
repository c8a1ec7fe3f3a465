import {
  type CallContext,
  compareBytes,
  type ContainerPage,
  type ContainerRecord,
  type ListContainersRequest,
  StorageError,
} from '@stowage/core/spi';
import { chmod, rm } from 'node:fs/promises';
import { isErrno, listEntries, lookAt, makeDirectory, removeDirectory, renameFile, unless } from './calls.js';
import type { Directory } from './directory.js';
import { containerNotFound } from './errors.js';
import { lockOfContainer } from './private-area.js';
import { checkNames, type LocalStore, refuseContainerName } from './store.js';

export const MAX_CONTAINER_PAGE = 1000;

/** Lists directories of the root in byte order; the token is the last name of the page before. */
export async function listContainers(store: LocalStore, request: ListContainersRequest): Promise<ContainerPage> {
  const { prefix = '', token = '', limit = MAX_CONTAINER_PAGE } = request;
  const entries = await listEntries(store.settings.root, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix) && compareBytes(entry.name, token) > 0)
    .map((entry) => entry.name)
    .filter((name) => refuseContainerName(name) === undefined)
    .sort(compareBytes);
  const page = names.slice(0, limit);
  const records = await Promise.all(page.map((name) => recordOf(store, name)));
  const containers = records.filter((record) => record !== undefined);
  return names.length > page.length ? { containers, next: page.at(-1) } : { containers };
}

export async function statContainer(store: LocalStore, container: string): Promise<ContainerRecord> {
  checkNames(container);
  const record = await recordOf(store, container);
  if (record) return record;
  (await store.openContainer(container)).close();
  throw containerNotFound(container);
}

async function recordOf(store: LocalStore, name: string): Promise<ContainerRecord | undefined> {
  const stats = await lookAt(store.tree.pathOf(name, []));
  if (!stats?.isDirectory()) return undefined;
  return { name, createdAtMs: Number(stats.birthtimeMs) || undefined };
}

export async function createContainer(
  store: LocalStore,
  container: string,
  ctx: CallContext,
): Promise<ContainerRecord> {
  checkNames(container);
  await store.ready();
  const { directoryMode, fsync } = store.settings;
  return await store.locks.hold([lockOfContainer(container)], ctx, async () => {
    const root = await store.tree.openRoot();
    try {
      const path = root.at(container);
      if (!(await unless(['EEXIST'], makeDirectory(path, 0o777)))) throw containerExists(container);
      if (directoryMode !== undefined) await chmod(path, directoryMode);
      if (fsync) await root.sync();
    } finally {
      root.close();
    }
    return (await recordOf(store, container)) ?? { name: container };
  });
}

/** Deletes a container without objects, with the empty directories that other programs left in it. */
export async function deleteContainer(store: LocalStore, container: string, ctx: CallContext): Promise<void> {
  checkNames(container);
  (await store.openContainer(container)).close();
  await store.ready();
  const trash = await store.locks.hold([lockOfContainer(container)], ctx, async () => {
    await removeEmptyTree(store, container, []);
    const root = await store.tree.openRoot();
    try {
      await removeDirectory(root.at(container));
      if (store.settings.fsync) await root.sync();
    } catch (error) {
      if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw containerNotEmpty(container);
      throw isErrno(error, 'ENOENT') ? containerNotFound(container) : error;
    } finally {
      root.close();
    }
    return await throwAway(store, container);
  });
  if (trash !== undefined) await rm(trash, { recursive: true, force: true });
}

/** Takes what is kept beside the objects of a container out of the way, so that it is removed without a lock. */
async function throwAway(store: LocalStore, container: string): Promise<string | undefined> {
  const trash = `${store.area.trash}/${store.host.randomBytes(12).toString('hex')}`;
  const move = (): Promise<void> => renameFile(store.area.ofContainer(container), trash);
  if ((await lookAt(store.area.ofContainer(container))) === undefined) return undefined;
  return (await unless(['ENOENT'], store.area.within(store.area.trash, move))) ? trash : undefined;
}

/** Removes directories below `names`; throws `container-not-empty` at the first thing that is none. */
async function removeEmptyTree(store: LocalStore, container: string, names: readonly string[]): Promise<void> {
  const opened = await store.tree.openDirectory(container, names);
  if ('kind' in opened) return;
  try {
    for (const entry of await listEntries(opened.at(), { withFileTypes: true })) {
      if (!entry.isDirectory()) throw containerNotEmpty(container);
      await removeEmptyTree(store, container, [...names, entry.name]);
      await removeEmpty(opened, entry.name, container);
    }
  } finally {
    opened.close();
  }
}

async function removeEmpty(parent: Directory, name: string, container: string): Promise<void> {
  const removed = await unless(['ENOTEMPTY', 'EEXIST'], unless(['ENOENT'], removeDirectory(parent.at(name))));
  if (!removed) throw containerNotEmpty(container);
}

function containerExists(container: string): StorageError {
  const message = `There is already a container "${container}", or something else of that name.`;
  return new StorageError('container-exists', message, { container });
}

function containerNotEmpty(container: string): StorageError {
  const message = `Container "${container}" holds objects; delete them first.`;
  return new StorageError('container-not-empty', message, { container });
}
