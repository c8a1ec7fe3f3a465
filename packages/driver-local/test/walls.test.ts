import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { at, bodyOf, ctx, listAll, makeLab, makeRoot, put, text } from './lab.js';

/** A root whose container holds links, of each kind, to a directory with a secret. */
async function makeTrap() {
  const lab = await makeLab();
  const outside = makeRoot();
  writeFileSync(join(outside, 'secret'), 'not for you');
  mkdirSync(join(outside, 'deep'));
  await put(lab.driver, 'inside/object');
  symlinkSync(outside, join(lab.root, 'box/dir'));
  symlinkSync(join(outside, 'secret'), join(lab.root, 'box/file'));
  symlinkSync('inside', join(lab.root, 'box/alias'));
  symlinkSync(join(outside, 'missing'), join(lab.root, 'box/dangling'));
  return { ...lab, outside };
}

describe('links below the root', () => {
  it('are followed by no read', async () => {
    const { driver } = await makeTrap();
    for (const key of ['file', 'dir/secret', 'alias/object', 'dangling/x']) {
      await expect(driver.stat(at(key), {}, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
      await expect(driver.read(at(key), { want: 'stream' }, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
      await expect(driver.copy!.copy(at(key), at('copy'), {}, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
    }
    expect(await listAll(driver)).toMatchObject({ keys: ['inside/object'] });
    expect(await listAll(driver, { prefix: 'dir/' })).toMatchObject({ keys: [] });
  });

  it('are followed by no write and by no delete', async () => {
    const { driver, outside } = await makeTrap();
    for (const key of ['file', 'dir/new', 'dir/deep/new', 'dangling/new', 'alias/new']) {
      await expect(driver.put(at(key), bodyOf('x'), {}, ctx)).rejects.toMatchObject({
        code: 'permission-denied',
        message: expect.stringContaining('symbolic link'),
      });
      await expect(driver.move!.move(at('inside/object'), at(key), {}, ctx)).rejects.toMatchObject({
        code: 'permission-denied',
      });
    }
    expect(await driver.delete(at('dir/secret'), {}, ctx)).toEqual({ existed: false });
    expect(readdirSync(outside).sort()).toEqual(['deep', 'secret']);
    expect(await text(driver, 'inside/object')).toBe('inside/object');
  });

  it('are no containers', async () => {
    const { driver, root, outside } = await makeTrap();
    symlinkSync(outside, join(root, 'linked'));
    const inLinked = { container: 'linked', key: 'secret' };
    await expect(driver.read(inLinked, { want: 'bytes' }, ctx)).rejects.toMatchObject({ code: 'container-not-found' });
    await expect(driver.put(inLinked, bodyOf('x'), {}, ctx)).rejects.toMatchObject({ code: 'container-not-found' });
    await expect(driver.list('linked', {}, ctx)).rejects.toMatchObject({ code: 'container-not-found' });
    await expect(driver.deleteContainer('linked', ctx)).rejects.toMatchObject({ code: 'container-not-found' });
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('not for you');
  });

  it('gain nothing by taking the place of a directory while objects are written below it', async () => {
    const { driver, root, outside } = await makeTrap();
    let swapping = true;
    const swap = async (): Promise<void> => {
      const path = join(root, 'box/target');
      while (swapping) {
        mkdirSync(path, { recursive: true });
        // Long enough for some of the writes to get through.
        await new Promise((resolve) => setTimeout(resolve, 10 * Math.random()));
        renameSync(path, join(root, `aside`));
        // A write under way may have made the directory anew in between.
        const isSwapped = !attempt('EEXIST', () => symlinkSync(join(outside, 'deep'), path));
        await new Promise((resolve) => setImmediate(resolve));
        if (isSwapped) unlinkSync(path);
        if (attempt('ENOTEMPTY', () => renameSync(join(root, 'aside'), path)))
          rmSync(join(root, 'aside'), { recursive: true });
      }
    };
    const swapped = swap();
    const outcomes: string[] = [];
    for (let index = 0; index < 150; index++) {
      const outcome = driver.put(at(`target/${index}`), bodyOf('x'), {}, ctx);
      await outcome
        .then(() => outcomes.push('written'))
        .catch((error: unknown) => outcomes.push((error as { code: string }).code));
    }
    swapping = false;
    await swapped;
    expect(readdirSync(join(outside, 'deep'))).toEqual([]);
    expect(outcomes).toContain('written');
    expect(outcomes.every((outcome) => ['written', 'permission-denied', 'unavailable'].includes(outcome))).toBe(true);
  });
});

/** Does something that may fail with one code; tells whether it did. */
function attempt(code: string, work: () => void): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
    return true;
  }
}

describe('names that would lead out of the root', () => {
  it('are keys like any other', async () => {
    const { driver, root } = await makeLab();
    const keys = ['../../escape', '..', '.', '/etc/passwd', 'a/../b', './a'];
    for (const key of keys) await put(driver, key);
    for (const key of keys) expect(await text(driver, key)).toBe(key);
    expect((await listAll(driver)).keys).toEqual([...keys].sort());
    expect(readdirSync(root).sort()).toEqual(['.stowage', 'box']);
    expect(existsSync(join(root, '../escape'))).toBe(false);
  });

  it.each(['..', '.', '', 'a/b', '../other', '.stowage', '.STOWAGE', 'nul\0', 'n'.repeat(256)])(
    'are refused as the container %j',
    async (container) => {
      const { driver } = await makeLab();
      const refused = expect.objectContaining({ code: 'invalid-argument' }) as unknown;
      await expect(driver.createContainer(container, {}, ctx)).rejects.toEqual(refused);
      await expect(driver.list(container, {}, ctx)).rejects.toEqual(refused);
      await expect(driver.put(at('a', container), bodyOf(''), {}, ctx)).rejects.toEqual(refused);
      expect(driver.capabilities.containers.refuse!(container)).toBeTypeOf('string');
    },
  );

  it.each(['', 'nul\0', 'x'.repeat(1025), '\ud800'])('are refused as the key %j', async (key) => {
    const { driver } = await makeLab();
    await expect(driver.put(at(key), bodyOf(''), {}, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(driver.read(at(key), { want: 'bytes' }, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('of uploads lead nowhere either', async () => {
    const { driver, root } = await makeLab();
    writeFileSync(join(root, 'upload.json'), '{}');
    const upload = { ref: at('a'), uploadId: '../../../..' };
    await driver.parts!.abort(upload, ctx);
    await expect(driver.parts!.list(upload, {}, ctx)).rejects.toMatchObject({ code: 'upload-not-found' });
    expect(readdirSync(root).sort()).toContain('upload.json');
  });
});
