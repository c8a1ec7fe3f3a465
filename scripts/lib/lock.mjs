import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 200;
const emptyIsStaleAfterMs = 5_000;

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {string} path @returns {boolean} whether this process now holds the lock */
function tryTake(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} path @returns {{ text: string, stale: boolean } | undefined} undefined when the lock has just gone */
function inspect(path) {
  try {
    const text = readFileSync(path, 'utf8');
    const pid = Number(text);
    if (pid > 0) return { text, stale: !isAlive(pid) };
    return { text, stale: Date.now() - statSync(path).mtimeMs > emptyIsStaleAfterMs };
  } catch {
    return undefined;
  }
}

/** Moves a dead holder's lock away; puts it back when another process was quicker and it is no longer the dead one's. */
function removeStale(/** @type {string} */ path, /** @type {string} */ expected) {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') === expected) rmSync(aside, { force: true });
    else renameSync(aside, path);
  } catch {
    // Gone already: whoever removed it, the next attempt sees the present state.
  }
}

/**
 * Runs `work` while no other process of this machine holds the lock at `path`. The lock of a process that died is taken over.
 * @template T
 * @param {string} path
 * @param {() => Promise<T> | T} work
 * @param {{ onWait?: (holder: string) => void }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(path, work, { onWait } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!tryTake(path)) {
    const holder = inspect(path);
    if (holder?.stale) removeStale(path, holder.text);
    else if (holder) {
      if (!told) onWait?.(holder.text);
      told = true;
      await sleep(pollMs);
    }
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}
