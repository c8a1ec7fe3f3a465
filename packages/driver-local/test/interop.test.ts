import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { at, bodyOf, ctx, listAll, makeLab, makeRoot, put, text } from './lab.js';

describe('files that other programs write', () => {
  it('are objects of the same name, with a content type by their name', async () => {
    const { root, driver } = await makeLab();
    mkdirSync(join(root, 'box/photos/2024'), { recursive: true });
    writeFileSync(join(root, 'box/photos/2024/Übersicht (1).png'), 'bytes');
    expect(await driver.stat(at('photos/2024/Übersicht (1).png'), {}, ctx)).toMatchObject({
      size: 5,
      contentType: 'image/png',
      metadata: {},
      checksums: {},
    });
    expect(await text(driver, 'photos/2024/Übersicht (1).png')).toBe('bytes');
    expect((await listAll(driver)).keys).toEqual(['photos/2024/Übersicht (1).png']);
  });

  it('are containers when they are directories of the root, and none when they are links or files', async () => {
    const { root, driver } = await makeLab();
    mkdirSync(join(root, 'Media'));
    writeFileSync(join(root, 'notes.txt'), '');
    symlinkSync(makeRoot(), join(root, 'linked'));
    await put(driver, 'a');
    const { containers } = await driver.listContainers({}, ctx);
    expect(containers.map(({ name }) => name)).toEqual(['Media', 'box']);
    await expect(driver.statContainer('notes.txt', ctx)).rejects.toMatchObject({ code: 'container-not-found' });
  });

  it('read ours at the path of the key', async () => {
    const { root, driver } = await makeLab();
    await put(driver, 'docs/a b%20.txt', 'content');
    expect(readFileSync(join(root, 'box/docs/a b%20.txt'), 'utf8')).toBe('content');
  });

  it('are never given the metadata of the file that they replace', async () => {
    const { root, driver } = await makeLab();
    const attributes = { contentType: 'text/x-ours', metadata: { owner: 'us' } };
    const { record } = await driver.put(at('page.html'), bodyOf('ours'), attributes, ctx);
    writeFileSync(join(root, 'box/page.html'), 'them');
    const now = await driver.stat(at('page.html'), {}, ctx);
    expect(now).toMatchObject({ contentType: 'text/html', metadata: {}, checksums: {} });
    expect(now.etag).not.toBe(record.etag);
  });

  it('keep their metadata through a backup that keeps times', async () => {
    const { root, driver } = await makeLab();
    await driver.put(at('a.txt'), bodyOf('ours'), { metadata: { owner: 'us' } }, ctx);
    const copy = join(makeRoot(), 'copy');
    execFileSync('cp', ['-a', root, copy]);
    const before = await driver.stat(at('a.txt'), {}, ctx);
    const { driver: module } = await import('../src/index.js');
    const { createHost } = await import('@stowage/core/spi');
    const restored = await module.create({ root: copy }, createHost()).stat(at('a.txt'), {}, ctx);
    expect(restored).toMatchObject({ metadata: { owner: 'us' }, etag: before.etag, checksums: before.checksums });
  });

  it('leave no prefix behind when they leave an empty directory', async () => {
    const { root, driver } = await makeLab();
    mkdirSync(join(root, 'box/empty/still empty'), { recursive: true });
    await put(driver, 'full/object');
    expect(await listAll(driver, { delimiter: '/' })).toMatchObject({ keys: [], prefixes: ['full/'] });
  });

  it('do not keep a container from being deleted by empty directories, but by anything else', async () => {
    const { root, driver } = await makeLab();
    mkdirSync(join(root, 'box/empty/still empty'), { recursive: true });
    symlinkSync('/nowhere', join(root, 'box/empty/link'));
    await expect(driver.deleteContainer('box', ctx)).rejects.toMatchObject({ code: 'container-not-empty' });
    expect(existsSync(join(root, 'box/empty/link'))).toBe(false);
    const { readlinkSync, unlinkSync } = await import('node:fs');
    expect(readlinkSync(join(root, 'box/empty/link'))).toBe('/nowhere');
    unlinkSync(join(root, 'box/empty/link'));
    await driver.deleteContainer('box', ctx);
    expect(existsSync(join(root, 'box'))).toBe(false);
  });

  it('keep their times as the times of the object', async () => {
    const { root, driver } = await makeLab();
    writeFileSync(join(root, 'box/old'), '');
    utimesSync(join(root, 'box/old'), 1_000_000, 2_000_000);
    const record = await driver.stat(at('old'), {}, ctx);
    expect(record).toMatchObject({ accessedAtMs: 1_000_000_000, modifiedAtMs: 2_000_000_000 });
    expect(record.createdAtMs).toBeGreaterThan(2_000_000_000);
  });
});

describe('what is no regular file', () => {
  it('is no object: neither a pipe, nor a link, nor a socket', async () => {
    const { root, driver } = await makeLab();
    execFileSync('mkfifo', [join(root, 'box/pipe')]);
    symlinkSync('/etc/hostname', join(root, 'box/link'));
    expect((await listAll(driver)).keys).toEqual([]);
    for (const key of ['pipe', 'link']) {
      await expect(driver.stat(at(key), {}, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
      await expect(driver.read(at(key), { want: 'bytes' }, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
      await expect(driver.put(at(key), bodyOf('x'), {}, ctx)).rejects.toMatchObject({ code: 'permission-denied' });
    }
  });
});
