import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryDriver } from '@stowage/core/memory';
import { describe, expect, it } from 'vitest';
import { sweep } from '../src/index.js';
import { hashName } from '../src/keys.js';
import { ownName } from '../src/owner.js';
import { at, bodyOf, ctx, makeLab, put, text } from './lab.js';

const HOUR_MS = 3_600_000;

const nameOfTheDead = (): string => ownName().replace(/\.\d+\./, `.${spawnSync(process.execPath, ['-e', '']).pid}.`);
const elsewhere = `${'0'.repeat(12)}.1.1`;

/** Every path below a directory, without the directories. */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

function leaveStaged(root: string, key: string, owner: string, ageMs = 0): string {
  const folder = join(root, '.stowage/containers/box/staging');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${hashName(key)}.${owner}.0abc`);
  writeFileSync(path, 'half of');
  utimesSync(path, Date.now() / 1000, (Date.now() - ageMs) / 1000);
  return path;
}

describe('the first write of a driver', () => {
  it('removes what processes that have ended had begun to write, and nothing of those that run', async () => {
    const { root, again } = await makeLab();
    leaveStaged(root, 'a', nameOfTheDead());
    const alive = leaveStaged(root, 'b', ownName(), 1000 * HOUR_MS);
    const recent = leaveStaged(root, 'c', elsewhere, 23 * HOUR_MS);
    leaveStaged(root, 'd', elsewhere, 25 * HOUR_MS);
    await put(again(), 'x');
    expect(
      readdirSync(join(root, '.stowage/containers/box/staging'))
        .map((name) => name.slice(0, 32))
        .sort(),
    ).toEqual([alive, recent].map((path) => path.split('/').at(-1)!.slice(0, 32)).sort());
  });

  it('removes the facts that such a process had written, but not those of an object that it had put in its place', async () => {
    const { root, driver, again } = await makeLab();
    await driver.put(at('placed'), bodyOf('placed'), { metadata: { m: '1' } }, ctx);
    await driver.put(at('lost'), bodyOf('lost'), { metadata: { m: '1' } }, ctx);
    const facts = join(root, '.stowage/containers/box/facts');
    expect(filesBelow(facts)).toHaveLength(2);
    const staging = join(root, '.stowage/containers/box/staging');
    // Killed between the link and the removal of the staged name; and killed between the facts and the rename.
    linkSync(join(root, 'box/placed'), join(staging, `${hashName('placed')}.${nameOfTheDead()}.0`));
    renameSync(join(root, 'box/lost'), join(staging, `${hashName('lost')}.${nameOfTheDead()}.0`));
    await put(again(), 'x');
    expect(readdirSync(staging)).toEqual([]);
    expect(await again().stat(at('placed'), {}, ctx)).toMatchObject({ metadata: { m: '1' } });
    expect(filesBelow(facts).some((path) => path.includes(hashName('lost').slice(2)))).toBe(false);
  });

  it('removes uploads that nobody went on with for a week, or as long as it is told', async () => {
    const { root, driver, again } = await makeLab();
    await driver.parts!.begin(at('a'), {}, ctx);
    const uploads = join(root, '.stowage/containers/box/uploads');
    const age = (ms: number): void => {
      for (const path of readdirSync(uploads, { recursive: true, encoding: 'utf8' })) {
        utimesSync(join(uploads, path), Date.now() / 1000, (Date.now() - ms) / 1000);
      }
    };
    age(6 * 24 * HOUR_MS);
    await put(again(), 'x');
    expect(readdirSync(uploads)).toHaveLength(1);
    await put(again({ abandonedUploadHours: 100 }), 'x');
    expect(readdirSync(uploads)).toEqual([]);
  });

  it('refuses a private area of another form', async () => {
    const { root, again } = await makeLab();
    writeFileSync(join(root, '.stowage/version'), '2\n');
    await expect(put(again(), 'x')).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('sweep()', () => {
  it('removes metadata of objects that other programs deleted or replaced, and no other', async () => {
    const { root, driver } = await makeLab();
    for (const key of ['kept', 'deleted', 'replaced', 'fresh']) {
      await driver.put(at(key), bodyOf('x'), { metadata: { key } }, ctx);
    }
    const facts = filesBelow(join(root, '.stowage/containers/box/facts'));
    for (const path of facts) {
      if (path.includes(hashName('fresh').slice(2))) continue;
      utimesSync(path, 0, Date.now() / 1000 - 7200);
    }
    renameSync(join(root, 'box/deleted'), join(root, 'elsewhere'));
    renameSync(join(root, 'box/fresh'), join(root, 'fresh'));
    writeFileSync(join(root, 'box/replaced'), 'theirs');
    expect(await sweep(driver)).toEqual({ unfinishedFiles: 0, abandonedUploads: 0, orphanedFacts: 2 });
    expect(await driver.stat(at('kept'), {}, ctx)).toMatchObject({ metadata: { key: 'kept' } });
    // Facts are written before their bytes are in place: those of the last hour may belong to a put that is under way.
    expect(filesBelow(join(root, '.stowage/containers/box/facts'))).toHaveLength(2);
  });

  it('works beside writers', async () => {
    const { driver, again } = await makeLab();
    const other = again();
    const written = new AbortController();
    const sweeping = (async () => {
      while (!written.signal.aborted) await sweep(other);
    })();
    for (let round = 0; round < 60; round++) {
      await driver.put(at('a'), bodyOf(String(round)), { metadata: { round: String(round) } }, ctx);
      expect(await driver.stat(at('a'), {}, ctx)).toMatchObject({ metadata: { round: String(round) } });
    }
    written.abort();
    await sweeping;
    expect(await text(driver, 'a')).toBe('59');
  });

  it('ends when it is told to', async () => {
    const { driver } = await makeLab();
    await put(driver, 'a');
    await expect(sweep(driver, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });

  it('refuses drivers that are not local', async () => {
    await expect(sweep(createMemoryDriver())).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe('the private area', () => {
  it('is not made by reading', async () => {
    const { root, again } = await makeLab();
    renameSync(join(root, '.stowage'), join(root, 'gone'));
    const reader = again();
    await expect(reader.stat(at('a'), {}, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
    await reader.list('box', {}, ctx);
    expect(readdirSync(root).sort()).toEqual(['box', 'gone']);
  });

  it('holds nothing of a container that was deleted, and nothing of objects that were', async () => {
    const { root, driver } = await makeLab();
    for (let round = 0; round < 3; round++) await put(driver, 'a', `round ${round}`);
    await driver.parts!.begin(at('b'), {}, ctx);
    expect(filesBelow(join(root, '.stowage/containers/box/facts'))).toHaveLength(1);
    await driver.delete(at('a'), {}, ctx);
    expect(filesBelow(join(root, '.stowage/containers/box/facts'))).toEqual([]);
    await driver.deleteContainer('box', ctx);
    expect(filesBelow(join(root, '.stowage')).map((path) => path.slice(root.length))).toEqual(['/.stowage/version']);
    await driver.createContainer('box', {}, ctx);
    expect((await driver.parts!.listUploads('box', {}, ctx)).uploads).toEqual([]);
  });

  it('has files of the mode that was asked for, and so has the rest', async () => {
    const { root, driver } = await makeLab({ fileMode: 0o640, directoryMode: 0o750 });
    await driver.put(at('dir/a'), bodyOf('x'), {}, ctx);
    const upload = await driver.parts!.begin(at('dir/b'), {}, ctx);
    const part = await driver.parts!.put(upload, { number: 1, offset: 0 }, bodyOf('x'), ctx);
    await driver.parts!.complete(upload, [part], {}, ctx);
    await driver.copy!.copy(at('dir/a'), at('dir/c'), {}, ctx);
    const modeOf = (path: string): string => (statSync(join(root, path)).mode & 0o777).toString(8);
    expect(['box/dir/a', 'box/dir/b', 'box/dir/c'].map(modeOf)).toEqual(['640', '640', '640']);
    expect(['box', 'box/dir', '.stowage', '.stowage/containers/box/facts'].map(modeOf)).toEqual(Array(4).fill('750'));
    for (const path of filesBelow(join(root, '.stowage/containers'))) expect(statSync(path).mode & 0o777).toBe(0o640);
  });
});
