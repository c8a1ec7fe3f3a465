import { GcsEmulator } from '@stowage/emulators';
import { createStorages, type LibCloudStorage } from '@stowage/django-style-adapter';
import { expect, it, onTestFinished } from 'vitest';
import { driver } from '../src/index.js';

const user = 'GOOGTS7C7FUP3AIRVJTE';
const key = 'bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ';

/** What the documentation of django-storages tells people to write, with a developer key of 20 characters; only the host is another. */
async function startGoogle(): Promise<{ readonly emulator: GcsEmulator; readonly store: LibCloudStorage }> {
  const emulator = await GcsEmulator.start({ hmacKeys: [{ accessKey: user, secretKey: key }] });
  onTestFinished(() => emulator.close());
  const google = { type: 'libcloud.storage.types.Provider.GOOGLE_STORAGE', user, key, bucket: 'bucket-1' };
  const settings = { LIBCLOUD_PROVIDERS: { google: { ...google, host: emulator.endpoint } } };
  const storages = createStorages(settings, { drivers: [driver] });
  onTestFinished(() => storages.close());
  const store = storages.open('google');
  await store.driver.createContainer('bucket-1');
  return { emulator, store };
}

it('saves, opens, lists, measures, links and deletes with the settings of Django as they are', async () => {
  const { store } = await startGoogle();
  const first = await store.save('notes/été & 1.txt', 'Hello, Django!\n');
  const second = await store.save('notes/été & 1.txt', 'Another file of that name.\n');
  expect(first).toBe('notes/été & 1.txt');
  expect(second).not.toBe(first);
  expect(await store.open(first, 'r').read()).toBe('Hello, Django!\n');
  expect([await store.exists(first), await store.size(first)]).toEqual([true, 15]);
  const [directories, files] = await store.listdir('notes');
  expect([directories, files.length]).toEqual([[], 2]);
  expect(await store.listdir('')).toEqual([['notes'], []]);
  const url = await store.url(first);
  expect(url).toContain('/bucket-1/notes/%C3%A9t%C3%A9%20%26%201.txt?');
  expect(await (await fetch(url)).text()).toBe('Hello, Django!\n');
  for (const name of [first, second]) await store.delete(name);
  expect(await store.exists(first)).toBe(false);
  await expect(store.open(first).read()).rejects.toThrow(expect.objectContaining({ name: 'FileNotFoundError' }));
  await store.driver.deleteContainer('bucket-1');
});

it('makes no request that is not needed', async () => {
  const { emulator, store } = await startGoogle();
  const operationsOf = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    emulator.forget();
    await work();
    return emulator.requests.map(({ operation }) => operation);
  };
  expect(await operationsOf(() => store.save('a.txt', 'small'))).toEqual(['PutObject']);
  expect(await operationsOf(() => store.exists('a.txt'))).toEqual(['HeadObject']);
  expect(await operationsOf(() => store.size('a.txt'))).toEqual(['HeadObject']);
  expect(await operationsOf(() => store.url('a.txt'))).toEqual([]);
  expect(await operationsOf(() => store.open('a.txt').read())).toEqual(['GetObject']);
  expect(await operationsOf(() => store.listdir(''))).toEqual(['ListObjects']);
  expect(await operationsOf(() => store.delete('a.txt'))).toEqual(['DeleteObject']);
});
