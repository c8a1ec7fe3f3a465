import { openStorage } from '@stowage/core';
import { createHost } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';
import { createOpenStackDriver } from '../src/driver.js';
import { driver } from '../src/index.js';
import type { OpenStackOptions } from '../src/options.js';

const open = (options: OpenStackOptions): unknown => createOpenStackDriver(options, createHost(), { env: {} });

describe('options', () => {
  it.each<[string, OpenStackOptions]>([
    ['"user" is given without "key"', { user: 'u' }],
    ['"key" is given without "user"', { key: 'k' }],
    ['goes with "applicationCredentialId"', { applicationCredentialId: 'i' }],
    ['needs the "user" or "userId"', { applicationCredentialName: 'n', applicationCredentialSecret: 's' }],
    ['"anonymous" needs "storageUrl"', { anonymous: true }],
    ['exclude each other', { anonymous: true, user: 'u', key: 'k', storageUrl: 'https://s' }],
    ['contradict each other', { user: 'u', key: 'k', useInternalUrl: true, interface: 'public' }],
    ['"service" must be one of', { user: 'u', key: 'k', service: 'swiftly' }],
    ['must be an address', { user: 'u', key: 'k', authUrl: 'keystone.example.com' }],
    ['must hold no user or password', { user: 'u', key: 'k', authUrl: 'https://u:secret@k' }],
    ['give "storageUrl" too', { user: 'u', key: 'k', tokenScope: 'unscoped' }],
    ['the name of a container', { user: 'u', key: 'k', segmentsContainer: 'a/b' }],
  ])('that do not fit are refused: %s', (message, options) => {
    expect(() => open(options)).toThrow(message);
    expect(() => open(options)).not.toThrow(/secret@/);
  });

  it("are accepted in Libcloud's spellings, and with those that Django settings have", () => {
    const own = {
      ...{ user: 'u', key: 'k', ex_force_auth_url: 'https://k:5000', ex_force_auth_version: '3.x_password' },
      ...{ ex_tenant_name: 'demo', ex_domain_name: 'Default', ex_force_service_region: 'One', use_internal_url: true },
      ...{ ex_force_service_type: 'object-store', ex_force_service_name: 'swift' },
    };
    const settings = { type: 'libcloud.storage.types.Provider.OPENSTACK_SWIFT', ...own };
    expect(openStorage(settings, { drivers: [driver] }).provider).toBe('openstack_swift');
    for (const constant of ['CLOUDFIULES_US', 'CLOUDFIULES_UK', 'CLOUDFILES', 'CLOUDFILES_SWIFT', 'KTUCLOUD']) {
      const type = `libcloud.storage.types.Provider.${constant}`;
      expect(openStorage({ type, user: 'u', key: 'k' }, { drivers: [driver] }).can.parts).toBe('native');
    }
  });

  it('that name Cloud Files bring its CDN', () => {
    const storage = openStorage({ type: 'cloudfiles_uk', user: 'u', key: 'k' }, { drivers: [driver] });
    expect([storage.can.cdn, storage.can.versions]).toEqual(['native', 'absent']);
  });

  it('that say nothing about credentials fail with the first call, and say what to give', async () => {
    const made = createOpenStackDriver({}, createHost(), { env: {} });
    await expect(made.listContainers({}, { attempt: 1 })).rejects.toMatchObject({
      ...{ code: 'invalid-argument', requestSent: false },
      message: expect.stringMatching(/"user" and "key".*OS_USERNAME/) as string,
    });
    await made.close?.();
  });

  it('with an address of their own are not mixed with credentials of the environment', async () => {
    const env = { OS_AUTH_URL: 'https://k', OS_USERNAME: 'u', OS_PASSWORD: 'p' };
    const made = createOpenStackDriver({ authUrl: 'https://evil.example/v3' }, createHost(), { env });
    await expect(made.listContainers({}, { attempt: 1 })).rejects.toThrow(/No credentials were found/);
    await made.close?.();
  });
});
