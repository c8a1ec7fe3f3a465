import type { StorageDriver } from '@stowage/core/spi';
import type { S3EmulatorOptions } from '@stowage/emulators';
import { testDriver } from '@stowage/testkit';
import type { S3Options } from '../src/options.js';
import { type Lab, startLab } from './lab.js';

interface Profile {
  readonly name: string;
  readonly options: S3Options;
  readonly server?: S3EmulatorOptions;
  /** Every bucket keeps versions. */
  readonly isVersioned?: boolean;
  readonly deviations?: Readonly<Record<string, string>>;
}

const FIELD: S3EmulatorOptions['lacks'] = ['checksums', 'aws-chunked', 'copy-conditions', 'bucket-conflicts'];

const KEEPS_VERSIONS = {
  'containers/delete-emptied': 'the versions of deleted objects are still in the bucket',
  'keys/file-and-folder': 'the versions of deleted objects are still in the bucket',
  'versions/switch': 'every bucket of this profile keeps versions from the start',
};
const SAYS_YES = {
  'concurrency/create-container':
    'the service says 200 to who creates his own bucket again, and between the look and the creation is a gap',
};

const PROFILES: readonly Profile[] = [
  { name: 's3: Amazon', options: { service: 'aws' } },
  {
    name: 's3: a service of which nothing is known',
    options: {},
    server: { lacks: [...FIELD, 'write-conditions', 'encryption'] },
    deviations: SAYS_YES,
  },
  {
    name: 's3: Ceph, buckets that keep versions',
    options: { service: 'ceph' },
    server: { lacks: [...FIELD, 'write-conditions-of-versions'] },
    isVersioned: true,
    deviations: { ...KEEPS_VERSIONS, ...SAYS_YES },
  },
];

for (const { name, options, server, isVersioned, deviations } of PROFILES) {
  let lab: Lab | undefined;
  testDriver({
    name,
    async create() {
      lab = await startLab(options, server);
      return isVersioned ? keepingVersions(lab.driver) : lab.driver;
    },
    close: () => lab?.close(),
    wrongCredentials: () => lab!.open({ key: 'wrong secret' }),
    storageClass: 'STANDARD_IA',
    secrets: ['emulated/secret/key', 'wrong secret'],
    propertyRuns: 10,
    deviations,
  });
}

/** A driver all of whose new buckets keep versions. */
function keepingVersions(driver: StorageDriver): StorageDriver {
  return {
    ...driver,
    async createContainer(container, request, ctx) {
      const record = await driver.createContainer(container, request, ctx);
      await driver.versions?.setEnabled(container, true, ctx);
      return record;
    },
  };
}
