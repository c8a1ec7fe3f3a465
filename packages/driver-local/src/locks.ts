import { type CallContext, StorageError } from '@stowage/core/spi';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrno, listIfThere, listNames, lookAt, makeSymlink, readSymlink, removeFile, unless } from './calls.js';
import { aborted } from './errors.js';
import { livenessOf, ownName } from './owner.js';

/** A lock is held for a few renames; longer than this, and its holder on another machine has ended. */
const FOREIGN_LOCK_MS = 60_000;
const MOST_WAIT_MS = 30_000;
const LONGEST_PAUSE_MS = 25;
/** Ends the name of the lock under which the lock of that name is removed. */
const REMOVAL = '!';

interface Clock {
  nowMs(): number;
}

/**
 * Locks between processes, one for each name. A lock is a symbolic link whose target names its holder: made in one step, and never
 * without that name. Whoever finds the lock of a process that has ended removes it, while holding the lock of that removal.
 */
export class Locks {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #makeFolder: () => Promise<void>;
  readonly #mostWaitMs: number;
  /** The end of the queue of this process for each name, so that its calls wait for each other without asking the disk. */
  readonly #queues = new Map<string, Promise<void>>();

  constructor(folder: string, clock: Clock, makeFolder: () => Promise<void>, mostWaitMs = MOST_WAIT_MS) {
    this.#folder = folder;
    this.#clock = clock;
    this.#makeFolder = makeFolder;
    this.#mostWaitMs = mostWaitMs;
  }

  /** Runs `work` while holding the locks of all `names`; the same names in any order never wait for each other crosswise. */
  async hold<T>(names: readonly string[], ctx: CallContext, work: () => Promise<T>): Promise<T> {
    const [first, ...others] = names.length < 2 ? names : [...new Set(names)].sort();
    if (first === undefined) return await work();
    return await this.#holdOne(first, ctx, () => this.hold(others, ctx, work));
  }

  /** Names, beginning with `prefix`, of locks that are held, or were left behind. */
  async namesFrom(prefix: string): Promise<string[]> {
    const names = await listNames(this.#folder);
    return names.filter((name) => name.startsWith(prefix) && !name.endsWith(REMOVAL));
  }

  /** Removes the locks of processes that have ended. */
  async sweep(): Promise<void> {
    for (const name of await listIfThere(this.#folder)) {
      if ((await this.#leftBy(`${this.#folder}/${name}`)) === undefined) continue;
      await this.#holdOne(name, { attempt: 1 }, () => Promise.resolve());
    }
  }

  async #holdOne<T>(name: string, ctx: CallContext, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(name);
    let leave!: () => void;
    const turn = new Promise<void>((resolve) => (leave = resolve));
    const tail = before ? before.then(() => turn) : turn;
    this.#queues.set(name, tail);
    try {
      if (before) await orAborted(before, ctx);
      const path = `${this.#folder}/${name}`;
      await this.#acquire(path, ctx);
      try {
        return await work();
      } finally {
        await unless(['ENOENT'], removeFile(path));
      }
    } finally {
      leave();
      if (this.#queues.get(name) === tail) this.#queues.delete(name);
    }
  }

  async #acquire(path: string, ctx: CallContext): Promise<void> {
    const startedAtMs = performance.now();
    for (let tries = 0; ; tries++) {
      try {
        await makeSymlink(ownName(), path);
        return;
      } catch (error) {
        if (isErrno(error, 'ENOENT')) await this.#makeFolder();
        else if (!isErrno(error, 'EEXIST')) throw error;
        else if (!(await this.#breakIfLeft(path, ctx))) await this.#pause(tries, startedAtMs, ctx);
      }
    }
  }

  async #pause(tries: number, startedAtMs: number, { signal }: CallContext): Promise<void> {
    if (performance.now() - startedAtMs > this.#mostWaitMs) {
      const message = `Another process has been writing this object for ${this.#mostWaitMs / 1000} seconds.`;
      throw new StorageError('unavailable', message);
    }
    const most = Math.min(2 ** Math.min(tries, 6), LONGEST_PAUSE_MS);
    await sleep(1 + Math.random() * most, undefined, signal ? { signal } : undefined).catch((error: unknown) => {
      throw signal?.aborted ? aborted(signal) : error;
    });
  }

  /** Removes the lock when its holder has ended; true when it is worth trying again at once. */
  async #breakIfLeft(path: string, ctx: CallContext): Promise<boolean> {
    const left = await this.#leftBy(path);
    if (left === 'gone') return true;
    if (left === undefined) return false;
    const removal = path + REMOVAL;
    await this.#acquire(removal, ctx);
    try {
      if ((await this.#leftBy(path)) === left) await unless(['ENOENT'], removeFile(path));
    } finally {
      await unless(['ENOENT'], removeFile(removal));
    }
    return true;
  }

  /** Names the lock of a process that has ended; undefined when it may still run. */
  async #leftBy(path: string): Promise<string | undefined> {
    try {
      const holder = await readSymlink(path);
      const liveness = livenessOf(holder);
      if (liveness === 'alive') return undefined;
      const stats = await lookAt(path);
      if (!stats) return 'gone';
      if (liveness === 'unknown' && this.#clock.nowMs() - Number(stats.mtimeMs) < FOREIGN_LOCK_MS) return undefined;
      return `${holder} ${stats.ino} ${stats.mtimeNs}`;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return 'gone';
      throw error;
    }
  }
}

async function orAborted(before: Promise<void>, { signal }: CallContext): Promise<void> {
  if (!signal) {
    await before;
    return;
  }
  let stop!: () => void;
  const ended = new Promise<never>((_, reject) => {
    stop = () => reject(aborted(signal));
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) throw aborted(signal);
    await Promise.race([before, ended]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
