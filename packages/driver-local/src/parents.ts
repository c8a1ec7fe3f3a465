import { chmod } from 'node:fs/promises';
import { type CallContext, type ObjectRef, StorageError } from '@stowage/core/spi';
import { isErrno, lookAt, makeDirectory, removeDirectory, renameFile, unless } from './calls.js';
import { type Directory, FOLDED, type Obstacle } from './directory.js';
import { inTheWay } from './errors.js';
import { isSame, keyOfNames, type KeyPlaces, placesOf } from './keys.js';
import { lockOfKey } from './private-area.js';
import type { LocalStore } from './store.js';

/** Directories come and go while others write and delete below them; each try makes what is missing. */
const MOST_TRIES = 1000;

/** The open directories in which an object may be: one, but for names of 254 and 255 bytes. */
export class Parents {
  readonly usual: Directory;
  /** Undefined where it was not made yet. */
  readonly displaced: Directory | undefined;
  readonly usualName: string;
  readonly displacedName: string;

  constructor(places: KeyPlaces, usual: Directory, displaced: Directory | undefined) {
    this.usual = usual;
    this.displaced = displaced;
    this.usualName = places.usual.at(-1) as string;
    this.displacedName = places.displaced.at(-1) as string;
  }

  close(): void {
    this.usual.close();
    if (this.displaced !== this.usual) this.displaced?.close();
  }
}

const above = (names: readonly string[]): readonly string[] => names.slice(0, -1);

/** Opens the directories of a key; undefined when they are not there, so that the object is not either. Close them. */
export async function openParents(store: LocalStore, { container, key }: ObjectRef): Promise<Parents | undefined> {
  const places = placesOf(key);
  const usual = await store.tree.openDirectory(container, above(places.usual));
  return 'kind' in usual ? undefined : await withDisplaced(store, container, places, usual);
}

/** Opens the directories of a key, making what is missing. Close them. Throws `container-not-found`. */
export async function makeParents(store: LocalStore, ref: ObjectRef, ctx: CallContext): Promise<Parents> {
  const places = placesOf(ref.key);
  const usual = await makeDirectories(store, ref, above(places.usual), ctx);
  return await withDisplaced(store, ref.container, places, usual);
}

/** Makes the directory in which an object of a long name gives way to a directory. */
export async function makeDisplacedParent(store: LocalStore, ref: ObjectRef, ctx: CallContext): Promise<void> {
  (await makeDirectories(store, ref, above(placesOf(ref.key).displaced), ctx)).close();
}

async function withDisplaced(
  store: LocalStore,
  container: string,
  places: KeyPlaces,
  usual: Directory,
): Promise<Parents> {
  if (isSame(above(places.usual), above(places.displaced))) return new Parents(places, usual, usual);
  try {
    const displaced = await store.tree.openDirectory(container, above(places.displaced));
    return new Parents(places, usual, 'kind' in displaced ? undefined : displaced);
  } catch (error) {
    usual.close();
    throw error;
  }
}

async function makeDirectories(
  store: LocalStore,
  ref: ObjectRef,
  names: readonly string[],
  ctx: CallContext,
): Promise<Directory> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const opened = await store.tree.openDirectory(ref.container, names);
    if (!('kind' in opened)) return opened;
    if (opened.kind === 'missing' && names.length > 0) await makeLast(store, ref, names, ctx);
    else await makeWay(store, ref, names, opened, ctx);
  }
  const message = `Directories above object "${ref.key}" are removed as fast as they are made.`;
  throw new StorageError('unavailable', message);
}

async function makeLast(store: LocalStore, ref: ObjectRef, names: readonly string[], ctx: CallContext): Promise<void> {
  const { directoryMode, fsync } = store.settings;
  const parent = await makeDirectories(store, ref, above(names), ctx);
  try {
    const path = parent.at(names.at(-1));
    // EEXIST: another writer was first. ENOENT: another one removed the directory above, empty as it was.
    if (!(await unless(['EEXIST', 'ENOENT'], makeDirectory(path, 0o777)))) {
      const found = await parent.lookAt(names.at(-1) as string);
      const obstacle = found === 'folded' ? 'folded' : found?.isSymbolicLink() ? 'link' : undefined;
      if (obstacle) throw inTheWay(ref, `${parent.path}/${names.at(-1)}`, OBSTACLES[obstacle]);
      return;
    }
    if (directoryMode !== undefined) await unless(['ENOENT'], chmod(path, directoryMode));
    if (fsync) await parent.sync();
  } finally {
    parent.close();
  }
}

const OBSTACLES: Readonly<Record<Exclude<Obstacle['kind'], 'missing'>, string>> = {
  link: 'a symbolic link',
  folded: FOLDED,
  file: 'a file that is no object',
  other: 'neither a directory nor an object',
};

/** Displaces the object whose file is where a directory must be. Throws when that is no object, or the container no directory. */
async function makeWay(
  store: LocalStore,
  ref: ObjectRef,
  names: readonly string[],
  obstacle: Obstacle,
  ctx: CallContext,
): Promise<void> {
  if (obstacle.kind === 'missing' || obstacle.index < 0) {
    (await store.openContainer(ref.container)).close();
    return;
  }
  const blocked = names.slice(0, obstacle.index + 1);
  const path = store.tree.pathOf(ref.container, blocked);
  const key = obstacle.kind === 'file' ? keyOfNames(blocked) : undefined;
  if (key === undefined) {
    throw inTheWay(ref, path, OBSTACLES[obstacle.kind]);
  }
  await displace(store, { container: ref.container, key }, ctx);
}

/** Moves an object to its second place, in one step. Whoever looks for it looks at the first place first. */
async function displace(store: LocalStore, ref: ObjectRef, ctx: CallContext): Promise<void> {
  await store.locks.hold([lockOfKey(ref.container, ref.key)], ctx, async () => {
    let parents = await openParents(store, ref);
    if (parents && !parents.displaced) {
      parents.close();
      await makeDisplacedParent(store, ref, ctx);
      parents = await openParents(store, ref);
    }
    if (!parents) return;
    try {
      const from = parents.usual.at(parents.usualName);
      if (!parents.displaced || !(await lookAt(from))?.isFile()) return;
      await unless(['ENOENT'], renameFile(from, parents.displaced.at(parents.displacedName)));
      if (store.settings.fsync) await parents.displaced.sync();
    } finally {
      parents.close();
    }
  });
}

/** Removes the directories of a key that hold nothing any more, from the last one up to the container. */
export async function pruneParents(store: LocalStore, { container, key }: ObjectRef): Promise<void> {
  const { usual, displaced } = placesOf(key);
  if (!isSame(above(usual), above(displaced))) await pruneUp(store, container, above(displaced));
  await pruneUp(store, container, above(usual));
}

async function pruneUp(store: LocalStore, container: string, names: readonly string[]): Promise<void> {
  for (let rest = names; rest.length > 0; rest = above(rest)) {
    const parent = await store.tree.openDirectory(container, above(rest));
    if ('kind' in parent) continue;
    try {
      await removeDirectory(parent.at(rest.at(-1)));
    } catch (error) {
      if (!isErrno(error, 'ENOENT', 'ENOTDIR')) return;
    } finally {
      parent.close();
    }
  }
}
