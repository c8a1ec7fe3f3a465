import { openStorage } from '@stowage/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driver } from '../src/index.js';
import { ctx, type Lab, startLab } from './lab.js';

/** What Libcloud's driver for Nimbus.io gets wrong. */
describe('unlike Libcloud', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab.close());

  it('signs at all: there, a text key cannot be hashed on Python 3', async () => {
    await expect(lab.driver.listContainers({}, ctx)).resolves.toMatchObject({ containers: [{ name: 'dd-alice' }] });
  });

  it('opens without a "user_id", which Django settings cannot give: there, a KeyError', () => {
    const { user, key, keyId } = lab.emulator.account;
    const storage = openStorage(
      { type: 'nimbus', user, key, keyId, endpoint: lab.emulator.endpoint },
      { drivers: [driver] },
    );
    expect(storage.provider).toBe('nimbus');
  });

  it('does not take one value for the number of the key and for the name of the user: there, no real account fits', () => {
    const { user, key } = lab.emulator.account;
    const open = () => driver.create({ user, key, userId: user, endpoint: lab.emulator.endpoint }, {} as never);
    expect(open).toThrow(/The number of the key is missing/);
  });

  it('signs what it sends, with escapes decoded once: there, "+" and "%2F" are signed as written', async () => {
    await lab.driver.createContainer('signed', {}, ctx);
    const metadata = { 'a b': 'c+d/e%2Ff&g=h ü' };
    const ref = { container: 'signed', key: 'x y/z%2B+é?#.txt' };
    const bytes = Buffer.from('content');
    await lab.driver.put(ref, { size: 7, replayable: true, bytes, open: () => null as never }, { metadata }, ctx);
    expect((await lab.driver.stat(ref, {}, ctx)).metadata).toEqual(metadata);
    expect((await lab.driver.list('signed', { prefix: 'x y/z%2B+é' }, ctx)).objects.map(({ key }) => key)).toEqual([
      ref.key,
    ]);
  });

  it("lists more than containers, and reads the fields of today's servers: there, positions of an older one", async () => {
    const { containers } = await lab.driver.listContainers({ prefix: 'dd-' }, ctx);
    expect(containers[0]?.createdAtMs).toBeGreaterThan(Date.now() - 60_000);
    await expect(lab.driver.list('dd-alice', {}, ctx)).resolves.toMatchObject({ objects: [] });
  });

  it('tells a name that is taken from success: there, 404, 409 and 400 count as one', async () => {
    await expect(lab.driver.createContainer('dd-alice', {}, ctx)).rejects.toMatchObject({ code: 'container-exists' });
    await expect(lab.driver.statContainer('nothing', ctx)).rejects.toMatchObject({ code: 'container-not-found' });
  });
});
