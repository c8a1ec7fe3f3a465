import type { GcsEmulatorOptions } from '@stowage/emulators';
import { testDriver } from '@stowage/testkit';
import type { GcsOptions } from '../src/options.js';
import { credentialsOf, type Lab, type Mode, startLab } from './lab.js';

interface Profile {
  readonly name: string;
  readonly mode: Mode;
  readonly options?: GcsOptions;
  readonly server?: GcsEmulatorOptions;
  readonly deviations?: Readonly<Record<string, string>>;
}

const OLDEST_FIRST = {
  'versions/overwritten': 'Google lists the oldest version of a key first',
  'versions/deleted': 'Google marks no deletions: the version that was there is no longer the live one',
  'versions/restored': 'Google marks no deletions; what was deleted comes back by a copy of its version',
};

const SESSIONS = {
  'parts/list': 'Google tells how many bytes a session has, not of which parts',
  'parts/list-uploads': 'only who began a session knows of it',
};

const PROFILES: readonly Profile[] = [
  { name: 'gcs: HMAC keys, GOOG4', mode: 'hmac' },
  { name: 'gcs: HMAC keys, GOOG1', mode: 'hmac', options: { signature: 'goog1' } },
  { name: 'gcs: HMAC keys, AWS4', mode: 'hmac', options: { signature: 'aws4' } },
  { name: 'gcs: a service account', mode: 'oauth' },
  { name: 'gcs: a service account, sessions', mode: 'oauth', options: { uploads: 'session' }, deviations: SESSIONS },
];

for (const { name, mode, options, server, deviations } of PROFILES) {
  let lab: Lab | undefined;
  testDriver({
    name,
    async create() {
      lab = await startLab(mode, options, server);
      return lab.driver;
    },
    close: () => lab?.close(),
    wrongCredentials: () =>
      lab!.openWith(
        mode === 'hmac'
          ? { ...credentialsOf(lab!.emulator, mode), ...options, key: 'wrong secret' }
          : { ...options, accessToken: 'wrong secret', project: 'emulated' },
      ),
    storageClass: 'NEARLINE',
    secrets: ['emulated+secret/00000000000000000000000+', 'PRIVATE KEY', 'wrong secret'],
    propertyRuns: 5,
    deviations: { ...OLDEST_FIRST, ...deviations },
  });
}
