import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Calls from '../src/calls.js';
import { at, bodyOf, ctx, listAll, makeLab, makeRoot, put, text } from './lab.js';

/** The machine as it is on macOS: descriptors do not tell their path, and on request names are folded. */
const system = vi.hoisted(() => ({ folds: false }));

vi.mock('../src/calls.js', async (importOriginal) => {
  const calls = await importOriginal<typeof Calls>();
  const { readdirSync: list } = await import('node:fs');
  const names = (folder: string): string[] => {
    try {
      return list(folder);
    } catch {
      return [];
    }
  };
  const isSame = (a: string, b: string): boolean =>
    a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase();
  /** The path in the spelling that is there. */
  const folded = (path: string): string => {
    if (!system.folds) return path;
    return path.split('/').reduce((parent, name) => {
      const found = names(parent === '' ? '/' : parent).find((other) => isSame(other, name));
      return `${parent}/${found ?? name}`;
    });
  };
  return {
    ...calls,
    pathOfDescriptor: () => undefined,
    openFile: (path: string, ...rest: [string | number, number?]) => calls.openFile(folded(path), ...rest),
    lookAt: (path: string) => calls.lookAt(folded(path)),
    makeDirectory: (path: string, mode: number) => calls.makeDirectory(folded(path), mode),
    removeDirectory: (path: string) => calls.removeDirectory(folded(path)),
    removeFile: (path: string) => calls.removeFile(folded(path)),
    renameFile: (from: string, to: string) => calls.renameFile(folded(from), folded(to)),
    linkFile: (from: string, to: string) => calls.linkFile(folded(from), folded(to)),
    listNames: (path: string) => calls.listNames(folded(path)),
  };
});

afterEach(() => {
  system.folds = false;
});

describe('where an open descriptor does not tell its path', () => {
  it('objects of any key are kept, listed, copied and deleted', async () => {
    const { driver, root } = await makeLab();
    const keys = ['a', 'a/b', 'a//b', './..', 'a b/é.txt', 'n'.repeat(300), 'n'.repeat(255), `${'n'.repeat(255)}/x`];
    for (const key of keys) await put(driver, key);
    for (const key of keys) expect(await text(driver, key)).toBe(key);
    expect((await listAll(driver, { limit: 3 })).keys).toEqual([...keys].sort());
    await driver.copy!.copy(at('a'), at('copy/of a'), {}, ctx);
    await driver.move!.move(at('copy/of a'), at('moved/a'), {}, ctx);
    expect(await text(driver, 'moved/a')).toBe('a');
    for (const key of [...keys, 'moved/a']) expect(await driver.delete(at(key), {}, ctx)).toEqual({ existed: true });
    await driver.deleteContainer('box', ctx);
    expect(readdirSync(root)).toEqual(['.stowage']);
  });

  it('links are followed by no call', async () => {
    const { driver, root } = await makeLab();
    const outside = makeRoot();
    writeFileSync(join(outside, 'secret'), 'not for you');
    mkdirSync(join(outside, 'deep'));
    symlinkSync(outside, join(root, 'box/dir'));
    symlinkSync(join(outside, 'secret'), join(root, 'box/file'));
    symlinkSync(outside, join(root, 'linked'));
    for (const key of ['dir/secret', 'file']) {
      await expect(driver.read(at(key), { want: 'bytes' }, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
      expect(await driver.delete(at(key), {}, ctx)).toEqual({ existed: false });
    }
    for (const key of ['dir/new', 'dir/deep/new', 'file']) {
      await expect(driver.put(at(key), bodyOf('x'), {}, ctx)).rejects.toMatchObject({ code: 'permission-denied' });
    }
    expect((await listAll(driver)).keys).toEqual([]);
    await expect(driver.list('linked', {}, ctx)).rejects.toMatchObject({ code: 'container-not-found' });
    expect(readdirSync(outside).sort()).toEqual(['deep', 'secret']);
  });
});

describe('where the file system takes two spellings for one name', () => {
  beforeEach(() => {
    system.folds = true;
  });

  it.each([
    ['Read.Me', 'read.me'],
    ['dir/a', 'DIR/a'],
    ['caf\u00e9', 'cafe\u0301'],
    ['dir/sub/a', 'dir/SUB/b'],
  ])('%j and %j never share a place: the second is refused, and reads as missing', async (first, second) => {
    const { driver } = await makeLab();
    await put(driver, first, 'first');
    await expect(driver.put(at(second), bodyOf('second'), {}, ctx)).rejects.toMatchObject({
      code: 'permission-denied',
      message: expect.stringContaining('another spelling'),
    });
    await expect(driver.stat(at(second), {}, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
    expect(await driver.delete(at(second), {}, ctx)).toEqual({ existed: false });
    expect(await text(driver, first)).toBe('first');
    expect((await listAll(driver)).keys).toEqual([first]);
  });

  it('containers do not share one either', async () => {
    const { driver } = await makeLab();
    await put(driver, 'a');
    await expect(driver.createContainer('BOX', {}, ctx)).rejects.toMatchObject({ code: 'container-exists' });
    await expect(driver.list('BOX', {}, ctx)).rejects.toMatchObject({ code: 'container-not-found' });
    await expect(driver.stat(at('a', 'Box'), {}, ctx)).rejects.toMatchObject({ code: 'container-not-found' });
    expect(await text(driver, 'a')).toBe('a');
  });
});

it('a root may lie behind links of the system, as the folder for temporary files does on macOS', async () => {
  const real = mkdtempSync(join(realpathSync(tmpdir()), 'stowage-real-'));
  const { driver } = await import('../src/index.js');
  const { createHost } = await import('@stowage/core/spi');
  try {
    const link = join(makeRoot(), 'link');
    symlinkSync(real, link);
    const local = driver.create({ root: join(link, 'root'), createRoot: true, fsync: false }, createHost());
    await local.createContainer('box', {}, ctx);
    await put(local, 'dir/a');
    expect(await text(local, 'dir/a')).toBe('dir/a');
  } finally {
    rmSync(real, { recursive: true });
  }
});
