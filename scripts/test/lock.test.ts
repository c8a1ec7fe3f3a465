import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withLock } from '../lib/lock.mjs';
import { temporaryTree } from './temporary-tree.js';

const lockModule = new URL('../lib/lock.mjs', import.meta.url).href;

/** Reads a number, waits, writes the number plus one: loses counts unless nobody else is between the two. */
const increment = `
  import { readFileSync, writeFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  import { withLock } from '${lockModule}';
  const [lock, counter] = process.argv.slice(1);
  await withLock(lock, async () => {
    const seen = Number(readFileSync(counter, 'utf8'));
    await sleep(20);
    writeFileSync(counter, String(seen + 1));
  });
`;

function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

it('lets one process in at a time', async () => {
  const folder = temporaryTree({ counter: '0' });
  const args = ['--input-type=module', '-e', increment, join(folder, 'lock'), join(folder, 'counter')];
  const children = Array.from({ length: 6 }, () => spawn(process.execPath, args, { stdio: 'inherit' }));
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as number));
  expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
  expect(readFileSync(join(folder, 'counter'), 'utf8')).toBe('6');
});

it('takes over the lock of a process that died', async () => {
  const folder = temporaryTree({});
  const lock = join(folder, 'lock');
  writeFileSync(lock, String(deadPid()));
  expect(await withLock(lock, () => readFileSync(lock, 'utf8'))).toBe(String(process.pid));
  expect(existsSync(lock)).toBe(false);
});

it('waits for a living holder, and says for whom', async () => {
  const folder = temporaryTree({});
  const lock = join(folder, 'lock');
  const order: string[] = [];
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const first = withLock(lock, async () => {
    await gate;
    order.push('first');
  });
  const onWait = (holder: string): void => {
    order.push(`waiting for ${holder}`);
    open();
  };
  await withLock(lock, () => order.push('second'), { onWait });
  await first;
  expect(order).toEqual([`waiting for ${process.pid}`, 'first', 'second']);
});

it('releases the lock when the work throws', async () => {
  const lock = join(temporaryTree({}), 'lock');
  await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLock(lock, () => 'free')).toBe('free');
});
