import type { AtmosEmulatorOptions } from '@stowage/emulators';
import { testDriver } from '@stowage/testkit';
import type { AtmosOptions } from '../src/options.js';
import { type Lab, startLab } from './lab.js';

interface Profile {
  readonly name: string;
  readonly options: Partial<AtmosOptions>;
  readonly server: AtmosEmulatorOptions;
}

const OWN_PATH =
  'a URL is signed without a request, for the path of the key: where a folder has that path, the object is beside it';

const PROFILES: readonly Profile[] = [
  { name: 'atmos: every quirk', options: {}, server: { prefix: '/storage/v1.0' } },
  { name: 'atmos: as its guide says, compared by SHA-1', options: { checksum: 'sha1' }, server: { quirks: false } },
];

for (const { name, options, server } of PROFILES) {
  let lab: Lab | undefined;
  testDriver({
    name,
    async create() {
      lab = await startLab(options, server);
      return lab.driver;
    },
    close: () => lab?.close(),
    truncateNextBody: () => {
      lab?.emulator.faults.add({
        fault: { kind: 'truncate', afterBytes: 1_000 },
        times: 1,
        when: ({ operation }) => operation === 'ReadObject',
      });
    },
    wrongCredentials: () => (lab as Lab).open({ key: Buffer.from('another secret').toString('base64') }),
    unreachable: () => (lab as Lab).open({ endpoint: 'http://127.0.0.1:1' }),
    secrets: ['LJLuryj6zs8ste6Y3jTGQp71xq0='],
    propertyRuns: 10,
    deviations: { 'urls/weird-keys': OWN_PATH },
  });
}
