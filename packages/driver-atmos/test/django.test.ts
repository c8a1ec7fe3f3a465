import { createStorages } from '@stowage/django-style-adapter';
import { expect, it, onTestFinished } from 'vitest';
import { driver } from '../src/index.js';
import { startLab } from './lab.js';

it('serves Django with the settings of NINEFOLD as they are, and the host of a server', async () => {
  const lab = await startLab({}, { prefix: '/storage/v1.0' });
  onTestFinished(() => lab.close());
  const { account, port } = lab.emulator;
  const storages = createStorages(
    {
      LIBCLOUD_PROVIDERS: {
        ninefold_1: {
          type: 'libcloud.storage.types.Provider.NINEFOLD',
          user: account.uid,
          key: account.secret,
          bucket: 'media',
          host: '127.0.0.1',
          port,
          secure: false,
        },
      },
      DEFAULT_LIBCLOUD_PROVIDER: 'ninefold_1',
    },
    { drivers: [driver] },
  );
  const store = storages.open('ninefold_1');
  onTestFinished(() => storages.close());
  await store.driver.createContainer('media');
  const first = await store.save('notes/hello.txt', 'Hello, Django!\n');
  const second = await store.save('notes/hello.txt', 'Another file of that name.\n');
  expect(first).toBe('notes/hello.txt');
  expect(second).not.toBe(first);
  expect(await store.open(first, 'r').read()).toBe('Hello, Django!\n');
  expect([await store.exists(first), await store.size(first)]).toEqual([true, 15]);
  const [directories, files] = await store.listdir('notes');
  expect([directories, files.length]).toEqual([[], 2]);
  expect((await store.listdir(''))[0]).toEqual(['notes']);
  expect(await (await fetch(await store.url(first))).text()).toBe('Hello, Django!\n');
  for (const name of [first, second]) await store.delete(name);
  expect(await store.exists(first)).toBe(false);
  await store.driver.deleteContainer('media');
});
