import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { lutimesSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Locks } from '../src/locks.js';
import { livenessOf, ownName } from '../src/owner.js';
import { ctx, makeRoot } from './lab.js';

let folder: string;
let nowMs: number;
beforeEach(() => {
  folder = join(makeRoot(), 'locks');
  nowMs = Date.now();
});

const makeLocks = (mostWaitMs?: number): Locks =>
  new Locks(folder, { nowMs: () => nowMs }, async () => void mkdirSync(folder, { recursive: true }), mostWaitMs);

/** The name of a process that ran on this machine and has ended. */
function nameOfTheDead(): string {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  return ownName().replace(/\.\d+\./, `.${pid}.`);
}

/** Leaves a lock as a process of that name would, `ageMs` ago. */
function leave(name: string, holder: string, ageMs = 0): void {
  mkdirSync(folder, { recursive: true });
  symlinkSync(holder, join(folder, name));
  lutimesSync(join(folder, name), (nowMs - ageMs) / 1000, (nowMs - ageMs) / 1000);
}

/** Work that fails when two run at once. */
function makeExclusive() {
  let [running, done] = [0, 0];
  return {
    work: async (): Promise<void> => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      done++;
    },
    done: () => done,
  };
}

describe('a lock', () => {
  it('is held by one at a time, in this process and between holders that only share the directory', async () => {
    const { work, done } = makeExclusive();
    const holders = [makeLocks(), makeLocks(), makeLocks()];
    await Promise.all(Array.from({ length: 60 }, (_, index) => holders[index % 3]!.hold(['one'], ctx, work)));
    expect(done()).toBe(60);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is given back when the work fails', async () => {
    const locks = makeLocks();
    await expect(locks.hold(['one'], ctx, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await locks.hold(['one'], ctx, () => Promise.resolve());
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of two names never waits crosswise', async () => {
    const [first, second] = [makeLocks(), makeLocks()];
    const { work, done } = makeExclusive();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 ? first.hold(['a', 'b'], ctx, work) : second.hold(['b', 'a'], ctx, work),
      ),
    );
    expect(done()).toBe(20);
  });

  it('is waited for no longer than the caller wants', async () => {
    const locks = makeLocks();
    const [ended, inner] = [new AbortController(), new AbortController()];
    let release!: () => void;
    let held!: Promise<void>;
    await new Promise<void>((entered) => {
      const work = (): Promise<void> => {
        entered();
        return new Promise((resolve) => (release = resolve));
      };
      held = locks.hold(['one'], ctx, work);
    });
    const same = locks.hold(['one'], { attempt: 1, signal: ended.signal }, () => Promise.resolve());
    const other = makeLocks().hold(['one'], { attempt: 1, signal: inner.signal }, () => Promise.resolve());
    ended.abort();
    inner.abort();
    await expect(same).rejects.toMatchObject({ code: 'aborted' });
    await expect(other).rejects.toMatchObject({ code: 'aborted' });
    release();
    await held;
    await locks.hold(['one'], ctx, () => Promise.resolve());
  });

  it('that another process does not give back makes the call fail, to be tried again', async () => {
    leave('one', ownName());
    const waiting = makeLocks(30).hold(['one'], ctx, () => Promise.resolve());
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(readdirSync(folder)).toEqual(['one']);
  });
});

describe('a lock that was left behind', () => {
  it('by a process that has ended is taken by exactly one', async () => {
    leave('one', nameOfTheDead());
    leave('one!', nameOfTheDead());
    const { work, done } = makeExclusive();
    await Promise.all(Array.from({ length: 30 }, () => makeLocks().hold(['one'], ctx, work)));
    expect(done()).toBe(30);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('by a process whose number is in use again is taken', async () => {
    leave('one', ownName().replace(/\d+$/, '1'));
    await makeLocks(30).hold(['one'], ctx, () => Promise.resolve());
    expect(readdirSync(folder)).toEqual([]);
  });

  it('on another machine is taken after a minute, not before', async () => {
    const elsewhere = `${'0'.repeat(12)}.1.1`;
    leave('one', elsewhere, 59_000);
    await expect(makeLocks(30).hold(['one'], ctx, () => Promise.resolve())).rejects.toMatchObject({
      code: 'unavailable',
    });
    nowMs += 2_000;
    await makeLocks(30).hold(['one'], ctx, () => Promise.resolve());
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is swept, and one that is held is not', async () => {
    leave('dead', nameOfTheDead());
    leave('dead!', nameOfTheDead());
    leave('alive', ownName());
    await makeLocks().sweep();
    expect(readdirSync(folder)).toEqual(['alive']);
  });
});

describe('a process', () => {
  it('is alive while it runs, dead afterwards, and unknown elsewhere', () => {
    expect(livenessOf(ownName())).toBe('alive');
    expect(livenessOf(nameOfTheDead())).toBe('dead');
    expect(livenessOf(`${'0'.repeat(12)}.1.1`)).toBe('unknown');
    expect(livenessOf('no name at all')).toBe('unknown');
  });

  it('that has ended and was not yet buried by its parent is dead', async () => {
    // The shell turns into a `sleep`, which never asks for the end of the child that the shell had.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 20'], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(line.toString());
      const fields = (): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      await vi.waitFor(() => expect(fields()[0]).toBe('Z'), { timeout: 5000 });
      expect(livenessOf(ownName().replace(/\.\d+\.\d+$/, `.${pid}.${fields()[19]}`))).toBe('dead');
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
