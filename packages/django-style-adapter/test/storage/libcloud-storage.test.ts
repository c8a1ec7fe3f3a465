import { describe, expect, it, vi } from 'vitest';
import { createStorages, LibCloudStorage, type ProviderSettings } from '../../src/index.js';
import { vectors } from '../vectors.js';
import { openCounted, sharedMemory } from './counted-driver.js';

const sorted = (names: readonly string[]) => [...names].sort();

describe('exists, size, delete', () => {
  it('cost one request each', async () => {
    const { store, takeRequests } = await openCounted();
    await store.save('a.txt', 'hello');
    takeRequests();
    expect(await store.exists('a.txt')).toBe(true);
    expect(await store.exists('b.txt')).toBe(false);
    expect(takeRequests()).toEqual(['stat', 'stat']);
    expect(await store.size('a.txt')).toBe(5);
    expect(takeRequests()).toEqual(['stat']);
    await store.delete('a.txt');
    expect(takeRequests()).toEqual(['delete']);
    expect(await store.exists('a.txt')).toBe(false);
  });

  it('delete what is not there without complaint', async () => {
    const { store } = await openCounted();
    await expect(store.delete('no.txt')).resolves.toBeUndefined();
  });

  it('say FileNotFoundError for a missing file', async () => {
    const { store } = await openCounted();
    const missing = { name: 'FileNotFoundError', cause: { code: 'object-not-found' } };
    await expect(store.size('no.txt')).rejects.toMatchObject(missing);
    await expect(store.getModifiedTime('no.txt')).rejects.toMatchObject(missing);
  });

  it('find no file under an empty name, and refuse to delete or open it', async () => {
    const { store, requests } = await openCounted();
    expect([await store.exists(''), await store.exists('./')]).toEqual([false, false]);
    await expect(store.delete('')).rejects.toMatchObject({ name: 'SuspiciousFileOperation' });
    expect(() => store.open('.')).toThrow(expect.objectContaining({ name: 'SuspiciousFileOperation' }));
    expect(requests).toEqual([]);
  });

  it('refuse names that climb out, in any spelling', async () => {
    const { store, requests } = await openCounted();
    for (const name of ['../a', 'a/../../b', '..', 'a\\..\\..\\b', '..\\a']) {
      const refusal = { name: 'SuspiciousFileOperation', message: `Detected path traversal attempt in '${name}'` };
      await expect(store.exists(name)).rejects.toMatchObject(refusal);
      await expect(store.listdir(name)).rejects.toMatchObject(refusal);
      expect(() => store.open(name)).toThrow(expect.objectContaining(refusal));
    }
    expect(requests).toEqual([]);
  });
});

describe('listdir', () => {
  it('lists real directories by one request for one directory', async () => {
    const { store, takeRequests } = await openCounted();
    for (const name of [
      'root.txt',
      'a/one.txt',
      'a/two.txt',
      'a/b/three.txt',
      'a/b/c/four.txt',
      'aa/bb.txt',
      'x/y/z.txt',
    ]) {
      await store.save(name, 'x');
    }
    takeRequests();
    expect(await store.listdir()).toEqual([['a', 'aa', 'x'], ['root.txt']]);
    expect(takeRequests()).toEqual(['list']);
    expect(await store.listdir('a')).toEqual([['b'], ['one.txt', 'two.txt']]);
    expect(await store.listdir('a/b/')).toEqual([['c'], ['three.txt']]);
    expect(await store.listdir('x')).toEqual([['y'], []]);
    expect(await store.listdir('nope')).toEqual([[], []]);
    expect(await store.listdir('/')).toEqual(await store.listdir('.'));
  });

  it('asks only for keys of the directory, with a delimiter, and reads every page', async () => {
    const asked: unknown[] = [];
    const { store } = await openCounted({
      before: (operation, [, request]) => {
        if (operation === 'list') asked.push(request);
      },
      capabilities: (facts) => ({ ...facts, list: { ...facts.list, maxLimit: 1000 } }),
    });
    const container = store.driver.container('bucket-1');
    await Promise.all(Array.from({ length: 1_500 }, (_, index) => container.put(`d/${index}/f`, 'x')));
    const [directories] = await store.listdir('d');
    expect(directories).toHaveLength(1_500);
    expect(asked).toHaveLength(2);
    for (const request of asked) expect(request).toMatchObject({ prefix: 'd/', delimiter: '/' });
  });

  /** Directories that Python misses, or shows where nothing could be opened: docs/django-compatibility.md, rows 31 to 33. */
  const deviations = new Map<string, readonly [directories: string[], files: string[]]>();
  const keysOf = (vector: (typeof vectors.listdir)[number]) => vector.keys.join(' ');
  const tree = keysOf(vectors.listdir[0]!);
  for (const path of ['/', '.']) {
    deviations.set(`${tree}:${path}`, [['a', 'aa', 'z', 'é'], ['root.txt']]);
    deviations.set(`x/y/z.txt:${path}`, [['x'], []]);
    deviations.set(`a//b a/b/:${path}`, [['a'], []]);
    deviations.set(`a_$folder$ a/x:${path}`, [['a'], []]);
  }
  deviations.set(`${tree}:a`, [
    ['b', 'emp'],
    ['one.txt', 'two.txt'],
  ]);
  for (const path of ['a/b', 'a//b']) {
    deviations.set(`${tree}:${path}`, [['c'], ['three.txt']]);
    deviations.set(`a//b a/b/:${path}`, [[], []]);
  }
  deviations.set('a//b a/b/:a', [['b'], []]);
  deviations.set('a/b_$folder$ a/b/c:a', [['b'], []]);

  it.each(vectors.listdir)(
    'of $path in $keys is what Python gives, or a row of the compatibility page',
    async (vector) => {
      const { store } = await openCounted();
      const container = store.driver.container('bucket-1');
      for (const key of vector.keys) await container.put(key, '');
      if (vector.path === '..') {
        await expect(store.listdir('..')).rejects.toMatchObject({ name: 'SuspiciousFileOperation' });
        return;
      }
      const [directories, files] = await store.listdir(vector.path);
      const [expectedDirectories, expectedFiles] =
        deviations.get(`${keysOf(vector)}:${vector.path}`) ?? vector.result.ok;
      expect([sorted(directories), sorted(files)]).toEqual([sorted(expectedDirectories), sorted(expectedFiles)]);
    },
  );
});

describe('url', () => {
  it('is signed, every character of the name escaped, without a request, whether or not the file is there', async () => {
    const { store, takeRequests } = await openCounted();
    const url = new URL(await store.url('sp ace?#%+é.txt'));
    expect([url.searchParams.get('key'), url.hash, takeRequests()]).toEqual(['sp ace?#%+é.txt', '', []]);
  });

  it('holds as long as the settings, or the call, say', async () => {
    const sign = vi.fn();
    const open = async (provider: ProviderSettings) => {
      const { store } = await openCounted({}, provider);
      const urls = store.driver.driver.urls!;
      const original = urls.sign.bind(urls);
      urls.sign = (ref, request, ctx) => {
        sign(request.expiresInSeconds);
        return original(ref, request, ctx);
      };
      return store;
    };
    await (await open({})).url('a');
    const short = await open({ url_expires_in_seconds: 60 });
    await short.url('a');
    await short.url('a', { expiresInSeconds: 5 });
    expect(sign.mock.calls).toEqual([[86_400], [60], [5]]);
  });

  it('does not sign longer than the store can, unless it is told to', async () => {
    const { store } = await openCounted({
      capabilities: (facts) => ({ ...facts, urls: { methods: ['GET'], maxSeconds: 3_600 } }),
    });
    await expect(store.url('a')).resolves.toMatch(/^http/);
  });

  it('is the plain address where the settings want no signature', async () => {
    const { store } = await openCounted({}, { url_signed: false });
    const url = new URL(await store.url('a b.txt'));
    expect([...url.searchParams]).toEqual([['key', 'a b.txt']]);
  });

  it('is the plain address where the store has no signature for URLs', async () => {
    const { store } = await openCounted({
      capabilities: (facts) => ({ ...facts, urls: { methods: [], maxSeconds: 3_600 } }),
    });
    const url = new URL(await store.url('a b.txt'));
    expect([...url.searchParams]).toEqual([['key', 'a b.txt']]);
  });

  it('is url_base and the escaped name', async () => {
    const { store } = await openCounted({}, { url_base: 'https://cdn.example/media/' });
    expect(await store.url('é/sp ace?#%.txt')).toBe('https://cdn.example/media/%C3%A9/sp%20ace%3F%23%25.txt');
    expect(await store.url('a//b')).toBe('https://cdn.example/media/a/b');
  });

  it('is refused where there is no way, and says what would be one', async () => {
    const { store } = await openCounted({ without: ['urls'] });
    await expect(store.url('a')).rejects.toMatchObject({
      name: 'ValueError',
      message: 'This file is not accessible via a URL. Set "url_base" in LIBCLOUD_PROVIDERS default.',
    });
  });

  it.each(vectors.names)(
    'under url_base escapes $name as Django does, or a row of the compatibility page',
    async ({ name, fs_url }) => {
      const { store } = await openCounted({}, { url_base: '/media/' });
      if (!('ok' in fs_url)) throw new Error('Python gives a URL for every name of the vectors.');
      const url = await store.url(name).catch((error: unknown) => (error as Error).name);
      const noName = ['..', './', 'a/..', 'a/b\\..\\..'].includes(name);
      const keepsLeadingSlashes: Record<string, string> = {
        '//a': '/media///a',
        '\\a\\': '/media//a/',
        '//': '/media///',
      };
      expect(url).toBe(noName ? 'SuspiciousFileOperation' : (keepsLeadingSlashes[name] ?? fs_url.ok));
    },
  );
});

describe('times', () => {
  it('are dates, where the store keeps them', async () => {
    const { store } = await openCounted();
    const before = Date.now();
    await store.save('a', 'x');
    const modified = await store.getModifiedTime('a');
    expect(modified.getTime()).toBeGreaterThanOrEqual(before - 1_000);
    expect(modified.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('are NotImplementedError where the store does not keep them', async () => {
    const { store } = await openCounted();
    await store.save('a', 'x');
    await expect(store.getAccessedTime('a')).rejects.toMatchObject({ name: 'NotImplementedError' });
  });
});

describe('names', () => {
  it('are made, changed and found as Django does', async () => {
    const { store } = await openCounted();
    expect(store.getValidName("John's portrait in 2004.jpg")).toBe('Johns_portrait_in_2004.jpg');
    expect(store.generateFilename("d/John's portrait.jpg")).toBe('d/Johns_portrait.jpg');
    expect(store.getAlternativeName('a', '.txt')).toMatch(/^a_[a-zA-Z0-9]{7}\.txt$/);
    expect(await store.getAvailableName('a.txt')).toBe('a.txt');
    await store.save('a.txt', 'x');
    expect(await store.getAvailableName('a.txt')).toMatch(/^a_[a-zA-Z0-9]{7}\.txt$/);
    expect(await store.getAvailableName('a.txt', { maxLength: 13 })).toMatch(/^a_[a-zA-Z0-9]{7}\.txt$/);
  });

  it('are cut, not changed, where files are overwritten', async () => {
    const { store } = await openCounted({}, { fileOverwrite: true });
    await store.save('portrait.jpg', 'x');
    expect(await store.getAvailableName('portrait.jpg')).toBe('portrait.jpg');
    expect(await store.save('portrait.jpg', 'x', { maxLength: 8 })).toBe('port.jpg');
  });

  it('have no path on this machine', async () => {
    const { store } = await openCounted();
    expect(() => store.path('a')).toThrow(
      expect.objectContaining({ name: 'NotImplementedError', message: "This backend doesn't support absolute paths." }),
    );
  });
});

describe('a storage', () => {
  const settings = (bucket: string, key = 'secret-of-the-test') => ({
    LIBCLOUD_PROVIDERS: { one: { type: sharedMemory(), bucket, user: 'u', key } },
  });

  it('is taken apart into what makes an equal one', () => {
    const type = sharedMemory();
    const LIBCLOUD_PROVIDERS = {
      one: { type, bucket: 'b', url_base: '/m' },
      two: { type, bucket: 'b', urlBase: '/m' },
    };
    const storages = createStorages({ LIBCLOUD_PROVIDERS, DEFAULT_LIBCLOUD_PROVIDER: 'one' });
    const store = storages.open('one');
    const path = 'storages.backends.apache_libcloud.LibCloudStorage';
    expect(store.deconstruct()).toEqual([path, ['one'], {}]);
    expect(storages.open().deconstruct()).toEqual([path, [], {}]);
    expect(store.equals(storages.open())).toBe(true);
    expect(store.equals(storages.open('two'))).toBe(true);
    expect(store.equals(createStorages(settings('other')).open('one'))).toBe(false);
    expect(store.equals({})).toBe(false);
  });

  it('differs from one with another secret, and shows none', async () => {
    const { inspect } = await import('node:util');
    const store = createStorages(settings('b')).open('one');
    expect(store.equals(createStorages(settings('b', 'another')).open('one'))).toBe(false);
    expect(inspect(store, { depth: 10, showHidden: true }) + JSON.stringify(store)).not.toContain('secret-of-the-test');
  });

  it('ends what is under way when it is closed', async () => {
    const { store } = await openCounted();
    await store.close();
    await expect(store.exists('a')).rejects.toMatchObject({ code: 'closed' });
    expect(store).toBeInstanceOf(LibCloudStorage);
  });
});
