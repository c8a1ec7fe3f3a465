import { createHost, type StorageDriver } from '@stowage/core/spi';
import { testDriver } from '@stowage/testkit';
import {
  CEPH,
  type CephFacts,
  describeLive,
  KEYSTONE,
  launchCeph,
  type Launched,
  launchSwift,
  type SwiftFacts,
} from '@stowage/test-servers';
import { afterAll, beforeAll } from 'vitest';
import { createOpenStackDriver } from '../src/driver.js';
import type { OpenStackOptions } from '../src/options.js';
import type { SwiftClient } from '../src/swift-client.js';

const KEY = 'key of the tests';
/** For a server to be up, on a machine that has other things to do. */
const SLOW_MS = 300_000;

function open(options: OpenStackOptions): StorageDriver {
  return createOpenStackDriver(options, createHost(), { env: {} });
}

/** A driver of the same shape as the one that is tested, for a server that is not up yet. */
const shapeOf = (options: OpenStackOptions) => (): StorageDriver =>
  open({ authUrl: 'http://127.0.0.1:1/v3', user: 'u', key: 'k', ...options });

/** The key must be there before an address is signed; Swift itself looks at it again after a minute only. */
async function withKey(options: OpenStackOptions): Promise<StorageDriver> {
  const driver = open({ ...options, tempUrlKey: KEY });
  await ((await driver.sdk?.()) as SwiftClient).setTempUrlKey(KEY);
  return driver;
}

const LOGINS: Readonly<Record<string, (facts: SwiftFacts) => OpenStackOptions>> = {
  'version 1': ({ authUrl, user, key }) => ({ authUrl, user, key }),
  'Keystone by password': ({ keystone }) => ({
    authUrl: keystone!.authUrl,
    user: keystone!.user,
    key: keystone!.password,
    projectName: keystone!.project,
  }),
  'Keystone by application credential': ({ keystone }) => ({
    authUrl: keystone!.authUrl,
    applicationCredentialId: keystone!.applicationCredential.id,
    applicationCredentialSecret: keystone!.applicationCredential.secret,
  }),
};

describeLive('OpenStack Swift', KEYSTONE, () => {
  let server: Launched<SwiftFacts> | undefined;
  beforeAll(async () => {
    server = await launchSwift({ keystone: true });
  }, SLOW_MS);
  afterAll(() => server?.stop());

  for (const [name, optionsOf] of Object.entries(LOGINS)) {
    testDriver({
      name: `openstack: Swift, ${name}`,
      shape: shapeOf({}),
      create: () => withKey(optionsOf(server!.facts)),
      wrongCredentials: () => open({ ...optionsOf(server!.facts), ...wrong(name) }),
      unreachable: () => open({ authUrl: 'http://127.0.0.1:1/auth/v1.0', user: 'u', key: 'k' }),
      secrets: [KEY, 'wrong secret'],
      propertyRuns: 5,
    });
  }
});

function wrong(login: string): OpenStackOptions {
  return login.endsWith('credential') ? { applicationCredentialSecret: 'wrong secret' } : { key: 'wrong secret' };
}

describeLive("Ceph's Swift API", CEPH, () => {
  let server: Launched<CephFacts> | undefined;
  beforeAll(async () => {
    server = await launchCeph();
  }, SLOW_MS);
  afterAll(() => server?.stop());
  const optionsOf = ({ swiftAuthUrl: authUrl, swiftUser: user, swiftKey: key }: CephFacts): OpenStackOptions => ({
    ...{ authUrl, user, key },
    service: 'ceph',
  });
  testDriver({
    name: 'openstack: Ceph',
    shape: shapeOf({ service: 'ceph' }),
    create: () => withKey(optionsOf(server!.facts)),
    wrongCredentials: () => open({ ...optionsOf(server!.facts), key: 'wrong secret' }),
    secrets: [KEY, 'wrong secret'],
    propertyRuns: 5,
  });
});
