import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHost } from '@stowage/core/spi';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Directory } from '../src/directory.js';
import type * as Calls from '../src/calls.js';
import { readSettings } from '../src/options.js';
import { LocalStore } from '../src/store.js';
import { Walk } from '../src/walk.js';
import { at, ctx, type Lab, listAll, makeLab, put } from './lab.js';

const reads = vi.hoisted(() => ({ directories: [] as string[] }));

vi.mock('../src/calls.js', async (importOriginal) => {
  const calls = await importOriginal<typeof Calls>();
  const { readlinkSync } = await import('node:fs');
  const note = (path: string): void => {
    reads.directories.push(path.startsWith('/proc/') ? readlinkSync(path.replace(/\/\.$/, '')) : path);
  };
  return {
    ...calls,
    listEntries: (path: string, options: { withFileTypes: true }) => (note(path), calls.listEntries(path, options)),
    openDirectory: (path: string) => (note(path), calls.openDirectory(path)),
  };
});

/** Makes `folders` directories of `files` files each, as another program would. */
function fill({ root }: Lab, folders: number, files: number): string[] {
  const keys: string[] = [];
  for (let folder = 0; folder < folders; folder++) {
    const name = `folder-${String(folder).padStart(3, '0')}/deep`;
    mkdirSync(join(root, 'box', name), { recursive: true });
    for (let file = 0; file < files; file++) {
      keys.push(`${name}/${String(file).padStart(3, '0')}`);
      writeFileSync(join(root, 'box', keys.at(-1)!), '');
    }
  }
  return keys;
}

let lab: Lab;
beforeEach(async () => {
  lab = await makeLab();
  reads.directories = [];
});
afterEach(() => vi.restoreAllMocks());

describe('what a listing reads', () => {
  it('is the directories of its prefix, and no others', async () => {
    fill(lab, 60, 5);
    const { keys } = await listAll(lab.driver, { prefix: 'folder-031/deep/00' });
    expect(keys).toHaveLength(5);
    expect(reads.directories).toEqual([join(lab.root, 'box/folder-031/deep')]);
  });

  it('is each directory once, however many pages it takes', async () => {
    const all = fill(lab, 20, 6);
    const { keys, pages } = await listAll(lab.driver, { limit: 7 });
    expect(keys).toEqual(all);
    expect(pages).toBe(Math.ceil(all.length / 7));
    expect(reads.directories).toHaveLength(1 + 2 * 20);
    expect(new Set(reads.directories).size).toBe(reads.directories.length);
  });

  it('is only the way to its place when another process goes on with a token', async () => {
    const all = fill(lab, 20, 6);
    const first = await lab.driver.list('box', { limit: 63 }, ctx);
    reads.directories = [];
    const next = await lab.again().list('box', { limit: 2, token: first.next }, ctx);
    expect(next.objects.map(({ key }) => key)).toEqual(all.slice(63, 65));
    expect(reads.directories.map((path) => path.slice(lab.root.length))).toEqual([
      '/box',
      '/box/folder-010',
      '/box/folder-010/deep',
    ]);
  });

  it('is, of a directory that is folded, no more than that it holds an object', async () => {
    fill(lab, 10, 50);
    expect((await listAll(lab.driver, { delimiter: '/' })).prefixes).toHaveLength(10);
    expect(reads.directories).toHaveLength(1 + 2 * 10);
  });
});

describe('a token', () => {
  it('gives the same page again', async () => {
    fill(lab, 3, 10);
    const { next } = await lab.driver.list('box', { limit: 12 }, ctx);
    const pages = await Promise.all([1, 2, 3].map(() => lab.driver.list('box', { limit: 5, token: next }, ctx)));
    const keys = pages.map(({ objects }) => objects.map(({ key }) => key));
    expect(keys[0]).toHaveLength(5);
    expect(keys[1]).toEqual(keys[0]);
    expect(keys[2]).toEqual(keys[0]);
  });

  it('lasts when many listings wait', async () => {
    const all = fill(lab, 3, 10);
    const { next } = await lab.driver.list('box', { limit: 12 }, ctx);
    for (let other = 0; other < 20; other++) await lab.driver.list('box', { limit: 1 }, ctx);
    const page = await lab.driver.list('box', { token: next }, ctx);
    expect(page.objects.map(({ key }) => key)).toEqual(all.slice(12));
  });

  it('goes on behind a folded prefix', async () => {
    fill(lab, 5, 2);
    const { pages, prefixes } = await listAll(lab.driver, { delimiter: '/', limit: 1 });
    expect(prefixes).toHaveLength(5);
    expect(pages).toBe(5);
    const first = await lab.driver.list('box', { delimiter: '/', limit: 2 }, ctx);
    const next = await lab.again().list('box', { delimiter: '/', token: first.next }, ctx);
    expect(next.prefixes).toEqual(['folder-002/', 'folder-003/', 'folder-004/']);
  });

  it.each(['nonsense', '', Buffer.from('{"a":1}').toString('base64url')])(
    'that is none is refused: %j',
    async (token) => {
      await expect(lab.driver.list('box', { token }, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
    },
  );
});

describe('a listing', () => {
  it('leaves out what was deleted since its directory was read, and ends', async () => {
    const all = fill(lab, 2, 6);
    const first = await lab.driver.list('box', { limit: 2 }, ctx);
    for (const key of all.slice(2, 5)) await lab.driver.delete(at(key), {}, ctx);
    const rest = await lab.driver.list('box', { limit: 10, token: first.next }, ctx);
    expect(rest.objects.map(({ key }) => key)).toEqual(all.slice(5));
    expect(rest.next).toBeUndefined();
  });

  it('tells of every finished write when it begins', async () => {
    for (let index = 0; index < 20; index++) {
      await put(lab.driver, `k/${index}`);
      expect((await listAll(lab.driver)).keys).toHaveLength(index + 1);
    }
  });

  it('begins inside a folded prefix when it is told to start there', async () => {
    for (const key of ['a/1', 'a/2', 'b/1']) await put(lab.driver, key);
    expect(await listAll(lab.driver, { delimiter: '/', startAfter: 'a/1' })).toMatchObject({ prefixes: ['a/', 'b/'] });
    expect(await listAll(lab.driver, { delimiter: '/', startAfter: 'a/2' })).toMatchObject({ prefixes: ['b/'] });
  });

  it('gives every name of a directory that is too long to keep in memory at once', async () => {
    const store = new LocalStore(readSettings({ root: lab.root }), createHost());
    const names = Array.from({ length: 100 }, (_, index) => `n${(index * 37) % 100}`);
    for (const name of names) writeFileSync(join(lab.root, 'box', name), '');
    const walk = new Walk(store, 'box', '', undefined, 9);
    const keys: string[] = [];
    for (let step = await walk.next(); step; step = await walk.next()) keys.push(step.key);
    expect(keys).toEqual([...names].sort());
    expect(reads.directories.length).toBeGreaterThan(1);
    expect(reads.directories.length).toBeLessThanOrEqual(Math.ceil(100 / 9));
  });

  it('gives every name of a directory that takes more than a mebibyte', async () => {
    vi.spyOn(Directory.prototype, 'size', 'get').mockReturnValue(2 << 20);
    const all = fill(lab, 1, 300);
    expect((await listAll(lab.driver)).keys).toEqual(all);
  });
});
