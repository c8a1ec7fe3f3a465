import { bytesBody } from '@stowage/testkit';
import type { Storage } from '@google-cloud/storage';
import { afterEach, describe, expect, it } from 'vitest';
import { ctx, type Lab, startLab } from './lab.js';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const container = 'bucket-1';
const ref = { container, key: 'k' };
const everyone = { entity: 'allUsers', role: 'READER' } as const;

async function open(...args: Parameters<typeof startLab>): Promise<Lab & { readonly client: Storage }> {
  lab = await startLab(...args);
  await lab.driver.createContainer(container, {}, ctx);
  const account = lab.openWith({ credentials: { ...lab.emulator.keyFile() } });
  return { ...lab, client: (await account.sdk!()) as Storage };
}

describe('permissions', () => {
  it('of an object are read, set and deleted', async () => {
    const { driver, openWith } = await open('oauth');
    await driver.put(ref, bytesBody('x'), {}, ctx);
    const { permissions } = driver.gcs;
    await permissions!.set(ref, everyone);
    expect(await permissions!.get(ref)).toContainEqual(everyone);
    const stranger = openWith({ anonymous: true });
    expect((await stranger.read(ref, { want: 'bytes' }, ctx)).bytes?.toString()).toBe('x');
    await permissions!.delete(ref, 'allUsers');
    await expect(stranger.read(ref, { want: 'bytes' }, ctx)).rejects.toMatchObject({ code: 'permission-denied' });
  });

  it('of a bucket are read, set and deleted', async () => {
    const { driver, openWith } = await open('oauth');
    const { permissions } = driver.gcs;
    const stranger = openWith({ anonymous: true });
    await permissions!.set({ container }, everyone);
    expect(await permissions!.get({ container })).toContainEqual(everyone);
    expect((await stranger.list(container, {}, ctx)).objects).toEqual([]);
    await permissions!.delete({ container }, 'allUsers');
    await expect(stranger.list(container, {}, ctx)).rejects.toMatchObject({ code: 'permission-denied' });
  });
});

describe.each(['hmac', 'oauth'] as const)('a bucket of uniform access, by %s', (mode) => {
  it('takes every call that asks for no list of rights, and refuses one that does', async () => {
    const { driver, client } = await open(mode);
    await client.bucket(container).setMetadata({ iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } });
    await driver.put(ref, bytesBody('x'), {}, ctx);
    await driver.copy!.copy(ref, { container, key: 'copy' }, {}, ctx);
    await driver.gcs.compose({ container, key: 'composed' }, [{ key: 'k' }]);
    await driver.metadata?.update(ref, { contentType: 'a/b' }, ctx);
    await driver.read(ref, { want: 'bytes' }, ctx);
    const failure = {
      code: 'invalid-argument',
      message: expect.stringContaining('uniform bucket-level access') as string,
    };
    await expect(driver.put(ref, bytesBody('x'), { acl: 'public-read' }, ctx)).rejects.toMatchObject(failure);
    if (driver.gcs.permissions) await expect(driver.gcs.permissions.get(ref)).rejects.toMatchObject(failure);
  });
});

it("leaves what is a bucket's own to the vendor's client", async () => {
  const { client, openWith, emulator } = await open('oauth');
  const bucket = client.bucket(container);
  await bucket.setMetadata({ versioning: { enabled: true } });
  await bucket.addLifecycleRule({ action: { type: 'Delete' }, condition: { age: 30 } });
  await bucket.iam.setPolicy({ bindings: [{ role: 'roles/storage.objectViewer', members: ['allUsers'] }] });
  expect((await bucket.getMetadata())[0]).toMatchObject({ versioning: { enabled: true }, lifecycle: { rule: [{}] } });
  expect((await bucket.iam.getPolicy())[0].bindings).toHaveLength(1);
  const [{ metadata }, secret] = await client.createHmacKey(emulator.keyFile().client_email);
  const driver = openWith({ user: metadata.accessId!, key: secret });
  expect((await driver.list(container, {}, ctx)).objects).toEqual([]);
});
