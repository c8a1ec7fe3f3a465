import { storageOver } from '@stowage/core';
import { bytesBody } from '@stowage/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NimbusCollections } from '../src/index.js';
import { ctx, type Lab, startLab } from './lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());

const make = async (name: string, keys: readonly string[] = []): Promise<string> => {
  await lab.driver.createContainer(name, {}, ctx);
  for (const key of keys) await lab.driver.put({ container: name, key }, bytesBody(key), {}, ctx);
  return name;
};

describe('listings', () => {
  it('are folded here, since the server would tell no keys', async () => {
    const container = storageOver(lab.driver, { emulate: 'allow' }).container(
      await make('folded', ['a/1', 'a/2', 'b', 'c/d/e', 'ü/1']),
    );
    lab.emulator.forget();
    const { objects, prefixes } = await container.listPage({ delimiter: '/' });
    expect([objects.map(({ key }) => key), [...prefixes].sort()]).toEqual([['b'], ['a/', 'c/', 'ü/']]);
    expect(lab.emulator.requests.map(({ target }) => target)).toEqual(['/data/']);
  });

  it('have what begins with a prefix, although the server takes it for a pattern', async () => {
    const keys = ['a_b', 'a_c', 'a%b', 'axb', 'a\\b', 'a+b', 'a b', 'aéb', 'a!2b', 'a!x', 'a/./b', 'a//b'];
    const container = await make('patterns', keys);
    for (const prefix of ['a_', 'a%', 'a\\', 'a+', 'a ', 'aé', 'a!', 'a!2', 'a/.', 'a//', 'a/']) {
      const { objects } = await lab.driver.list(container, { prefix }, ctx);
      expect(objects.map(({ key }) => key).sort(), prefix).toEqual(keys.filter((key) => key.startsWith(prefix)).sort());
    }
  });

  it('leave out what other software wrote under names that cannot be asked for, and say so once', async () => {
    const container = await make('hidden', ['own']);
    const collection = lab.emulator.store.collections.get(container)!;
    const segment = { part: 0, metadata: [], body: Buffer.from('x'), modifiedAtMs: 0 };
    for (const key of ['é', 'a//b', 'fine!', 'my_file (1).txt'])
      collection.write({ key, id: lab.emulator.store.nextId(), ...segment });
    for (let time = 0; time < 2; time++) {
      const { objects } = await lab.driver.list(container, {}, ctx);
      expect(objects.map(({ key }) => key).sort()).toEqual(['fine!', 'my_file (1).txt', 'own']);
    }
    expect(lab.warnings).toEqual([expect.stringContaining('not listed')]);
  });

  it('tell no sizes, and cost no request for each object', async () => {
    const container = storageOver(lab.driver).container(await make('sizes', ['a', 'b']));
    lab.emulator.forget();
    const objects = await container.listObjects();
    expect(objects.map(({ size, versionId }) => [size, typeof versionId])).toEqual([
      [undefined, 'string'],
      [undefined, 'string'],
    ]);
    expect(lab.emulator.requests).toHaveLength(1);
  });
});

describe('versions', () => {
  it('are read, counted and deleted one by one', async () => {
    const box = storageOver(lab.driver).container(await make('versions'));
    await box.setVersioned(true);
    for (const body of ['one', 'twotwo', 'three']) await box.put('é', body, { contentType: 'text/x' });
    const versions = [];
    for await (const version of box.versionsOf('é')) versions.push(version);
    expect(await Promise.all(versions.map((version) => version.text()))).toEqual(['three', 'twotwo', 'one']);
    expect((await versions[1]!.stat()).size).toBe(6);
    expect((await versions[1]!.bytes({ range: { start: 1, end: 3 } })).toString()).toBe('wo');
    expect(Buffer.concat((await (await versions[2]!.stream()).toArray()) as Buffer[]).toString()).toBe('one');
    await versions[0]!.delete();
    expect(await box.object('é').text()).toBe('twotwo');
  });
});

describe('collections', () => {
  it('tell what they are, and the one of each user stays', async () => {
    const storage = storageOver(lab.driver);
    const containers = await storage.listContainers();
    expect(containers[0]).toMatchObject({ name: 'dd-alice', extra: { isDefault: true, isVersioned: false } });
    await expect(storage.deleteContainer('dd-alice')).rejects.toMatchObject({ code: 'permission-denied' });
  });

  it('are read from the lists of older servers too', async () => {
    const { readContainers } = await import('../src/wire.js');
    const old = Buffer.from('[["photos", 1, "Wed, 02 Jan 2013 03:04:05 GMT"]]');
    expect(readContainers(old)).toEqual([{ name: 'photos', createdAtMs: Date.UTC(2013, 0, 2, 3, 4, 5) }]);
  });

  it('are opened to others by their access control, and read under their plain address', async () => {
    const accessControl = { version: '1.0', allow_unauth_read: true } as const;
    await lab.driver.createContainer('public', { provider: { accessControl } }, ctx);
    const storage = storageOver(lab.driver);
    const object = await storage.container('public').put('a b/é+.txt', 'content');
    const url = new URL(object.publicUrl());
    expect(url.href).toBe(`http://public.nimbus.io:${String(lab.emulator.port)}/data/a%20b/%21C3%21A9%212B.txt`);
    const { send } = await import('./plain.js');
    const get = () => send(lab.emulator.port, url);
    expect(await get()).toEqual([200, 'content']);
    const collections = (await storage.sdk()) as NimbusCollections;
    expect([collections.defaultCollection, await collections.accessControl('public')]).toEqual([
      'dd-alice',
      accessControl,
    ]);
    await collections.setAccessControl('public', undefined);
    expect((await get())[0]).toBe(401);
    const withNull = { version: '1.0', ipv4_whitelist: null } as never;
    await expect(collections.setAccessControl('public', withNull)).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(collections.setAccessControl('public', { version: '2' } as never)).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await expect(object.signedUrl()).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('tell how they were used', async () => {
    await make('used', ['key']);
    const collections = (await lab.driver.sdk!()) as NimbusCollections;
    const today = new Date().toISOString().slice(0, 10);
    expect(await collections.spaceUsage('used', { days: 30 })).toEqual([
      { day: today, retrieved: 0, archived: 1, listed: 0, deleted: 0, bytesIn: 3, bytesOut: 0 },
    ]);
    await expect(collections.spaceUsage('used', { days: 0 })).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(collections.spaceUsage('nothing')).rejects.toMatchObject({ code: 'container-not-found' });
  });
});
