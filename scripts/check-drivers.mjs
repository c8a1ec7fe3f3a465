/** Asks the testkit of every driver package what it asks of a third party's: the packages must be built. */
import { checkManifest } from '../packages/testkit/dist/conformance.js';
import { listPublicPackages, report } from './lib/workspace.mjs';

const drivers = listPublicPackages().filter(({ folder }) => folder.startsWith('driver-'));
const problems = [];
for (const { folder, path } of drivers) {
  for (const problem of await checkManifest(path)) problems.push(`packages/${folder}: ${problem}`);
}
report('driver packages', problems);
