import { LibCloudStorage } from '@stowage/django-style-adapter';
import { describe, expect, it, onTestFinished } from 'vitest';
import { driver } from '../src/index.js';
import { startLab, swiftOf, TEMP_URL_KEY, withKey } from './lab.js';

/** What the documentation of django-storages tells people to write; only the identity service is another. */
const SEEDS = {
  us: { constant: 'CLOUDFIULES_US', user: 'alice', key: '0123456789abcdef0123456789abcdef', region: 'ORD' },
  uk: { constant: 'CLOUDFIULES_UK', user: 'oliver', key: 'fedcba9876543210fedcba9876543210', region: 'LON' },
} as const;

describe.each(Object.entries(SEEDS))('the settings for Cloud Files, %s', (realm, { constant, user, key, region }) => {
  it('save, open, list, sign and delete in the right region', async () => {
    const lab = await startLab();
    onTestFinished(() => lab.close());
    const authUrl = lab.emulator.rackspace[realm as 'us' | 'uk'];
    const own = {
      authUrl,
      authVersion: '2.0_apikey',
      serviceName: 'cloudFiles',
      region: region.toLowerCase(),
      user,
      key,
    };
    const administrator = await withKey(lab.open(own));
    await administrator.createContainer('stored', {}, { attempt: 1 });
    const LIBCLOUD_PROVIDERS = {
      cloud: { type: `libcloud.storage.types.Provider.${constant}`, user, key, bucket: 'stored', authUrl },
    };
    const storage = new LibCloudStorage('cloud', { settings: { LIBCLOUD_PROVIDERS }, drivers: [driver] });
    const name = await storage.save('été 1.txt', Buffer.from('content'));
    expect(await storage.open(name).read()).toEqual(Buffer.from('content'));
    expect(await storage.listdir('')).toEqual([[], [name]]);
    const { origin } = await (await swiftOf(administrator)).storageAddress();
    expect(lab.emulator.requests.some(({ method, host }) => method === 'PUT' && `http://${host}` === origin)).toBe(
      true,
    );
    expect(await (await fetch(await storage.url(name))).text()).toBe('content');
    await storage.delete(name);
    expect(await storage.exists(name)).toBe(false);
    expect(storage.atomic).toBe(false);
    const { objectCount } = await (await swiftOf(administrator)).accountUsage();
    expect(objectCount).toBe(0);
    expect(JSON.stringify(storage)).not.toContain(TEMP_URL_KEY);
  });
});
