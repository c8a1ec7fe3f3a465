import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createStorages } from '@stowage/django-style-adapter';
import { CEPH, describeLive, launchCeph } from '@stowage/test-servers';
import { expect, it, onTestFinished } from 'vitest';
import { driver } from '../src/index.js';

describeLive("the settings of Django on Ceph's gateway", CEPH, () => {
  it.each([
    // A service that nobody named is not trusted with a put that never overwrites: it is looked first.
    ['as they are', {}, 2],
    ['and the name of the service', { service: 'ceph' }, 1],
  ])('save, open, list, measure, link and delete: %s', { timeout: 300_000 }, async (_, more, savingTakes) => {
    const server = await launchCeph();
    onTestFinished(() => server.stop());
    const { s3Endpoint: host, accessKey: user, secretKey: key } = server.facts;
    const type = 'libcloud.storage.types.Provider.S3_US_STANDARD_HOST';
    const LIBCLOUD_PROVIDERS = { amazon_1: { type, user, key, bucket: 'bucket-1', host, ...more } };
    const storages = createStorages({ LIBCLOUD_PROVIDERS }, { drivers: [driver] });
    onTestFinished(() => storages.close());
    const store = storages.open('amazon_1');

    let requests = 0;
    const count = (): void => void (requests += 1);
    subscribe('stowage:request:start', count);
    onTestFinished(() => void unsubscribe('stowage:request:start', count));
    /** Does the work and tells how many requests it was, and what came of it. */
    const counted = async <T>(work: () => Promise<T>): Promise<readonly [number, T]> => {
      const before = requests;
      const result = await work();
      return [requests - before, result];
    };

    await store.driver.createContainer('bucket-1');
    expect(await counted(() => store.save('notes/été 1.txt', 'Hello, Django!\n'))).toEqual([
      savingTakes,
      'notes/été 1.txt',
    ]);
    const name = 'notes/été 1.txt';
    expect(await counted(async () => store.open(name, 'r').read())).toEqual([1, 'Hello, Django!\n']);
    expect(await counted(() => store.exists(name))).toEqual([1, true]);
    expect(await counted(() => store.size(name))).toEqual([1, 15]);
    expect(await counted(() => store.listdir('notes'))).toEqual([1, [[], ['été 1.txt']]]);
    const [made, url] = await counted(async () => store.url(name));
    expect(made).toBe(0);
    expect(await (await fetch(url)).text()).toBe('Hello, Django!\n');
    expect((await counted(async () => store.delete(name)))[0]).toBe(1);
    expect(await store.exists(name)).toBe(false);
    await store.driver.deleteContainer('bucket-1');
  });
});
