import { testDriver } from '@stowage/testkit';
import type { OpenStackOptions } from '../src/options.js';
import { type Lab, startLab, TEMP_URL_KEY, withKey } from './lab.js';

const PROFILES: Readonly<Record<string, (lab: Lab) => OpenStackOptions>> = {
  'version 1': ({ emulator: { v1 } }) => ({ authUrl: v1.authUrl, user: v1.user, key: v1.key }),
  'Keystone by application credential': ({ emulator }) => ({
    authUrl: emulator.keystone.v3,
    applicationCredentialId: '0e1f2d3c4b5a69788796a5b4c3d2e1f0',
    applicationCredentialSecret: 'emulated-secret',
  }),
  'Cloud Files': ({ emulator }) => ({
    ...{ authUrl: emulator.rackspace.us, authVersion: '2.0_apikey', serviceName: 'cloudFiles', region: 'ord' },
    ...{ user: 'alice', key: '0123456789abcdef0123456789abcdef' },
  }),
};

for (const [name, optionsOf] of Object.entries(PROFILES)) {
  let lab: Lab | undefined;
  testDriver({
    name: `openstack: ${name}`,
    async create() {
      lab = await startLab();
      return withKey(lab.open(optionsOf(lab)));
    },
    close: () => lab?.close(),
    wrongCredentials() {
      const { key, ...options } = optionsOf(lab!);
      const wrong = key === undefined ? { applicationCredentialSecret: 'wrong secret' } : { key: 'wrong secret' };
      return lab!.open({ ...options, ...wrong });
    },
    unreachable: () => lab!.open({ authUrl: 'http://127.0.0.1:1/auth/v1.0', user: 'u', key: 'k' }),
    requestCount: () => lab?.emulator.requests.length ?? 0,
    truncateNextBody: () =>
      void lab?.emulator.faults.add({
        fault: { kind: 'truncate', afterBytes: 1000 },
        when: ({ method }) => method === 'GET',
        times: 1,
      }),
    secrets: [TEMP_URL_KEY, 'wrong secret', 'emulated-secret', '0123456789abcdef0123456789abcdef'],
    propertyRuns: 10,
    deviations: {
      'faults/one-request':
        'a delete, and a put into a container that has segments, looks first whether segments would be orphaned',
    },
  });
}
