import { testDriver } from '@stowage/testkit';
import { DEFAULT_NIMBUS_KEY, type Lab, startLab } from './lab.js';

let lab: Lab | undefined;

testDriver({
  name: 'nimbus',
  async create() {
    lab = await startLab();
    return lab.driver;
  },
  close: () => lab?.close(),
  secrets: [DEFAULT_NIMBUS_KEY],
  propertyRuns: 10,
  wrongCredentials: () => lab!.open({ key: 'AnotherKey' }),
  unreachable: () => lab!.open({ endpoint: 'http://127.0.0.1:1' }),
  deviations: {
    'versions/stat':
      'neither HEAD nor the metadata of an object tell which version they are of; a put and the list of versions do',
    'versions/deleted': 'the server leaves no mark: a delete that names no version ends all of them',
    'versions/restored': 'the server leaves no mark whose deletion would bring the object back',
  },
});
