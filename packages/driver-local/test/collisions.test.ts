import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { compareBytes } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';
import { at, bodyOf, ctx, listAll, makeLab, put, text } from './lab.js';

describe('an object whose key is also a directory', () => {
  it.each([
    ['first', ['a', 'a/b']],
    ['last', ['a/b', 'a']],
  ])('is kept beside it when it is written %s', async (_when, keys) => {
    const { driver } = await makeLab();
    for (const key of keys) await put(driver, key);
    for (const key of keys) expect(await text(driver, key)).toBe(key);
    expect((await listAll(driver)).keys).toEqual(['a', 'a/b']);
    expect(await listAll(driver, { delimiter: '/' })).toMatchObject({ keys: ['a'], prefixes: ['a/'] });
  });

  it('keeps its version and its facts when it gives way', async () => {
    const { driver } = await makeLab();
    const { record } = await driver.put(at('a'), bodyOf('content'), { metadata: { m: '1' } }, ctx);
    await put(driver, 'a/b/c');
    const now = await driver.stat(at('a'), {}, ctx);
    expect(now).toMatchObject({ etag: record.etag, metadata: { m: '1' }, checksums: record.checksums });
  });

  it('is replaced, and refused to a create-only put, as any other', async () => {
    const { driver } = await makeLab();
    await put(driver, 'a/b');
    const etag = await put(driver, 'a', 'one');
    await expect(driver.put(at('a'), bodyOf('two'), { ifNoneMatch: '*' }, ctx)).rejects.toMatchObject({
      code: 'object-exists',
    });
    await driver.put(at('a'), bodyOf('two'), { ifMatch: etag }, ctx);
    await expect(driver.put(at('a'), bodyOf('three'), { ifMatch: etag }, ctx)).rejects.toMatchObject({
      code: 'precondition-failed',
    });
    expect(await text(driver, 'a')).toBe('two');
  });

  it('stays when the directory goes, and its place is not taken twice', async () => {
    const { driver, root } = await makeLab();
    await put(driver, 'a/b');
    await put(driver, 'a', 'one');
    await driver.delete(at('a/b'), {}, ctx);
    expect(existsSync(join(root, 'box/a'))).toBe(false);
    expect(await text(driver, 'a')).toBe('one');
    await expect(driver.put(at('a'), bodyOf('x'), { ifNoneMatch: '*' }, ctx)).rejects.toMatchObject({
      code: 'object-exists',
    });
    await put(driver, 'a', 'two');
    expect((await listAll(driver)).keys).toEqual(['a']);
    expect(await driver.delete(at('a'), {}, ctx)).toEqual({ existed: true });
    expect((await listAll(driver)).keys).toEqual([]);
  });

  it('is the newer file when another program put one at the usual place, and is deleted whole', async () => {
    const { driver, root } = await makeLab();
    await put(driver, 'a/b');
    await put(driver, 'a', 'ours');
    await driver.delete(at('a/b'), {}, ctx);
    writeFileSync(join(root, 'box/a'), 'theirs');
    expect(await text(driver, 'a')).toBe('theirs');
    const page = await driver.list('box', {}, ctx);
    expect(page.objects.map(({ key, size }) => [key, size])).toEqual([['a', 6]]);
    await driver.delete(at('a'), {}, ctx);
    expect((await listAll(driver)).keys).toEqual([]);
  });

  it('of a name as long as names can be gives way, too', async () => {
    const { driver } = await makeLab();
    for (const long of ['n'.repeat(255), 'n'.repeat(254), 'é'.repeat(127), 'n'.repeat(600)]) {
      const keys = [long, `${long}/below`];
      for (const key of keys) await put(driver, key);
      for (const key of keys) expect(await text(driver, key)).toBe(key);
      expect((await listAll(driver, { prefix: long })).keys).toContain(`${long}/below`);
      for (const key of keys) await driver.delete(at(key), {}, ctx);
    }
    expect((await listAll(driver)).keys).toEqual([]);
    await driver.deleteContainer('box', ctx);
  });

  it('is lost to nobody while others write and delete around it', async () => {
    const { driver, again } = await makeLab();
    const other = again();
    const churn = async (key: string, who = driver): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        await put(who, key);
        expect(await text(who, key)).toBe(key);
        await who.delete(at(key), {}, ctx);
        await expect(who.stat(at(key), {}, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
      }
    };
    await Promise.all([churn('a'), churn('a/b', other), churn('a/b/c'), churn('a/d', other), churn('a/b/c/d/e')]);
    expect((await listAll(driver)).keys).toEqual([]);
  });

  it('is found by every read while it gives way and comes back', async () => {
    const { driver, again } = await makeLab();
    const other = again();
    await put(driver, 'a', 'always');
    let writing = true;
    const reads = async (): Promise<number> => {
      let count = 0;
      for (; writing; count++) expect(await text(other, 'a')).toBe('always');
      return count;
    };
    const read = reads();
    for (let round = 0; round < 40; round++) {
      await put(driver, 'a/b');
      await put(driver, 'a', 'always');
      await driver.delete(at('a/b'), {}, ctx);
    }
    writing = false;
    expect(await read).toBeGreaterThan(10);
  });
});

describe('listings of keys that collide', () => {
  const segment = fc.constantFrom(
    '',
    '.',
    'a',
    'b',
    'a.txt',
    'a!',
    'a%=',
    '%_',
    'b%+',
    'x'.repeat(300),
    '😀',
    '\uffee',
  );
  const keys = fc.uniqueArray(
    fc
      .array(segment, { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('/'))
      .filter((key) => key !== ''),
    { maxLength: 12 },
  );

  it('give every key once, in byte order, whatever the page size and the prefix', async () => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('', 'a', 'a/', '/', 'b/a'),
        async (all, limit, prefix) => {
          const { driver } = await makeLab();
          for (const key of all) await put(driver, key, '');
          const expected = all.filter((key) => key.startsWith(prefix)).sort(compareBytes);
          expect((await listAll(driver, { limit, prefix })).keys).toEqual(expected);
        },
      ),
      { numRuns: 20 },
    );
  });
});
