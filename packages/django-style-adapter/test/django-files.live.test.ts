import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driver } from '@stowage/driver-local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStorages, type LibCloudStorage } from '../src/index.js';
import { type Answer, askPython, type Call, requirePython } from './python/oracle.js';

const names = [
  'plain.txt',
  'dir/deep/file.bin',
  'é/naïve name+%41?#.txt',
  'a b/c d',
  '.hidden',
  '😀.png',
  'x.tar.gz',
  'empty',
];
const contentOf = (name: string): Buffer =>
  name === 'empty'
    ? Buffer.alloc(0)
    : Buffer.concat([Buffer.from(`content of ${name}\r\n`), Buffer.from([0, 255, 10, 13])]);
const readable = names.filter((name) => name !== 'empty');

describe.runIf(requirePython())('the real LibCloudStorage over Provider.LOCAL and ours', () => {
  let root: string;
  let store: LibCloudStorage;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'stowage-django-'));
    mkdirSync(join(root, 'bucket-1'));
    store = createStorages(settings(), { drivers: [driver] }).default;
  });
  afterAll(() => rmSync(root, { recursive: true }));

  /** The same text for both. */
  const settings = () => ({
    LIBCLOUD_PROVIDERS: {
      default: { type: 'libcloud.storage.types.Provider.LOCAL', user: root, key: '', bucket: 'bucket-1' },
    },
  });
  const ask = (calls: readonly Call[]): Answer[] => askPython(calls, settings().LIBCLOUD_PROVIDERS);

  it("read each other's files", async () => {
    const hex = (name: string) => ({ hex: contentOf(name).toString('hex') });
    const saved = ask(names.map((name) => ['save', `theirs/${name}`, hex(name)]));
    expect(saved).toEqual(names.map((name) => ({ ok: `theirs/${name}` })));
    for (const name of names) {
      expect(await store.open(`theirs/${name}`).read()).toEqual(contentOf(name));
      expect(await store.size(`theirs/${name}`)).toBe(contentOf(name).length);
      expect(await store.save(`ours/${name}`, contentOf(name))).toBe(`ours/${name}`);
    }
    // Python raises StopIteration for an empty file: docs/django-compatibility.md, row 40.
    expect(ask(readable.map((name) => ['read', `ours/${name}`]))).toEqual(readable.map((name) => ({ ok: hex(name) })));
    expect(ask(names.map((name) => ['size', `ours/${name}`]))).toEqual(
      names.map((name) => ({ ok: contentOf(name).length })),
    );
    expect(ask(names.map((name) => ['exists', `ours/${name}`]))).toEqual(names.map(() => ({ ok: true })));
  });

  it('see that a name is taken, whoever took it', async () => {
    await store.save('taken.txt', 'ours');
    expect(ask([['save', 'taken.txt', { hex: '00' }]])).toEqual([{ ok: expect.stringMatching(/^taken_\w{7}\.txt$/) }]);
    expect(await store.save('plain/taken.txt', 'x')).toBe('plain/taken.txt');
    ask([['save', 'theirs.txt', { hex: '00' }]]);
    expect(await store.save('theirs.txt', 'x')).toMatch(/^theirs_\w{7}\.txt$/);
  });

  it('list the same files in a directory, where Python lists any', async () => {
    await store.save('list/one.txt', 'x');
    ask([['save', 'list/two.txt', { hex: '00' }]]);
    const [, files] = await store.listdir('list');
    const [theirs] = ask([['listdir', 'list']]) as [{ ok: [string[], string[]] }];
    expect(files).toEqual(['one.txt', 'two.txt']);
    expect(theirs.ok[1].sort()).toEqual(['one.txt', 'two.txt']);
  });

  it("delete each other's files", async () => {
    await store.save('mine.txt', 'x');
    ask([
      ['save', 'yours.txt', { hex: '00' }],
      ['delete', 'mine.txt'],
    ]);
    await store.delete('yours.txt');
    expect([await store.exists('mine.txt'), await store.exists('yours.txt')]).toEqual([false, false]);
    expect(ask([['exists', 'yours.txt']])).toEqual([{ ok: false }]);
  });
});
