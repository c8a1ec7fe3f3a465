import type { BigIntStats } from 'node:fs';
import { checkWritable, type CallContext, type ObjectRef, StorageError, type WriteConditions } from '@stowage/core/spi';
import { isErrno, linkFile, lookAt, removeFile, renameFile, unless } from './calls.js';
import { type Directory, FOLDED } from './directory.js';
import { inTheWay } from './errors.js';
import { removeFacts } from './facts.js';
import { etagOf, identityOf } from './identity.js';
import { makeDisplacedParent, makeParents, type Parents, pruneParents } from './parents.js';
import { lockOfKey } from './private-area.js';
import type { LocalStore } from './store.js';

/** Others may make and remove the directories around an object while it is put in its place. */
const MOST_TRIES = 1000;

/** Where an object is, or shall be. */
export interface Place {
  /** Undefined where it must be made first. */
  readonly directory: Directory | undefined;
  readonly name: string;
  /** What stands there now, when it is an object. */
  readonly current: BigIntStats | undefined;
  /** What stands there now, when it is no object and keeps one from being written. */
  readonly obstacle?: string | undefined;
}

/** Finds where an object is, or shall be. Ask while holding the object's lock when the answer must last. */
export async function findPlace(parents: Parents): Promise<Place> {
  const usual = await lookInto(parents.usual, parents.usualName);
  if (usual !== 'directory' && usual.current) return usual;
  const displaced = await lookInto(parents.displaced, parents.displacedName);
  if (displaced !== 'directory' && displaced.current) return displaced;
  const free = usual === 'directory' ? displaced : usual;
  return free === 'directory'
    ? { directory: parents.displaced, name: parents.displacedName, current: undefined, obstacle: 'a directory' }
    : free;
}

async function lookInto(directory: Directory | undefined, name: string): Promise<Place | 'directory'> {
  const stats = await directory?.lookAt(name);
  if (!stats) return { directory, name, current: undefined };
  if (stats === 'folded') return { directory, name, current: undefined, obstacle: FOLDED };
  if (stats.isDirectory()) return 'directory';
  if (stats.isFile()) return { directory, name, current: stats };
  const obstacle = stats.isSymbolicLink() ? 'a symbolic link' : 'no regular file';
  return { directory, name, current: undefined, obstacle };
}

/** A file on its way into a container. */
export interface Arrival {
  /** Locks that it needs beside that of the key. */
  readonly locks?: readonly string[];
  /** Puts the file at `target`; `mayReplace` is false when it must fail with EEXIST rather than replace what is there. */
  moveTo(target: string, mayReplace: boolean): Promise<void>;
  /** True while there is something to put in the place. */
  isWaiting(): Promise<boolean>;
}

/** A staged file that becomes the object by a rename, or by a link where nothing may be replaced. */
export function stagedArrival(path: string): Arrival {
  return {
    async moveTo(target, mayReplace) {
      if (mayReplace) {
        await renameFile(path, target);
        return;
      }
      await linkFile(path, target);
      await unless(['ENOENT'], removeFile(path));
    },
    isWaiting: async () => (await lookAt(path)) !== undefined,
  };
}

/** The place of one key, open for a write. Its directories are made when it is opened, and pruned when nothing was put there. */
export class Slot {
  readonly #store: LocalStore;
  readonly #ref: ObjectRef;
  #parents: Parents;
  #isFilled = false;

  private constructor(store: LocalStore, ref: ObjectRef, parents: Parents) {
    this.#store = store;
    this.#ref = ref;
    this.#parents = parents;
  }

  /** True from the moment in which the file is in its place. */
  get isFilled(): boolean {
    return this.#isFilled;
  }

  /** Throws `container-not-found`. Close it. */
  static async open(store: LocalStore, ref: ObjectRef, ctx: CallContext): Promise<Slot> {
    return new Slot(store, ref, await makeParents(store, ref, ctx));
  }

  /** Checks conditions before a body is sent for nothing. What counts is the check of `fill`. */
  async check(conditions: WriteConditions): Promise<void> {
    if (conditions.ifMatch === undefined && conditions.ifNoneMatch === undefined) return;
    const { current } = await findPlace(this.#parents);
    checkWritable(this.#ref, current && etagOf(current), conditions);
  }

  /**
   * Puts a file in the place. The lock of the key is held from the check of the conditions until the facts of what is replaced are
   * gone, so that no two writers ever pass the same check. Throws what the conditions throw.
   */
  async fill(file: Arrival, conditions: WriteConditions, ctx: CallContext): Promise<void> {
    const locks = [lockOfKey(this.#ref.container, this.#ref.key), ...(file.locks ?? [])];
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const changed = await this.#store.locks.hold(locks, ctx, () => this.#fillNow(file, conditions, ctx));
      if (changed) {
        if (this.#store.settings.fsync) await changed.sync();
        return;
      }
      const parents = await makeParents(this.#store, this.#ref, ctx);
      this.#parents.close();
      this.#parents = parents;
    }
    const message = `Other programs keep changing the directories of object "${this.#ref.key}".`;
    throw new StorageError('unavailable', message);
  }

  /** The directory that was changed; undefined when it went away, or another one came up, so that it must be tried again. */
  async #fillNow(file: Arrival, conditions: WriteConditions, ctx: CallContext): Promise<Directory | undefined> {
    const { directory, name, current, obstacle } = await findPlace(this.#parents);
    if (directory && obstacle !== undefined) throw inTheWay(this.#ref, `${directory.path}/${name}`, obstacle);
    checkWritable(this.#ref, current && etagOf(current), conditions);
    if (!directory) {
      await makeDisplacedParent(this.#store, this.#ref, ctx);
      return undefined;
    }
    try {
      await file.moveTo(directory.at(name), current !== undefined || conditions.ifNoneMatch === undefined);
    } catch (error) {
      if (isErrno(error, 'EEXIST', 'EISDIR', 'ENOTDIR', 'ENOTEMPTY')) return undefined;
      if (isErrno(error, 'ENOENT') && (await file.isWaiting())) return undefined;
      throw error;
    }
    this.#isFilled = true;
    if (current) await removeFacts(this.#store, this.#ref.container, this.#ref.key, identityOf(current));
    return directory;
  }

  async close(): Promise<void> {
    this.#parents.close();
    if (!this.#isFilled) await pruneParents(this.#store, this.#ref).catch(() => undefined);
  }
}
