import { createHost } from '@stowage/core/spi';
import { testDriver } from '@stowage/testkit';
import { createPocketDriver } from '../src/driver.js';

testDriver({
  name: 'pocket',
  create: () => createPocketDriver({ pageSize: 5 }, createHost()),
  // A rule that your provider breaks, with the reason: it must fail, and turns red on the day it passes.
  deviations: {},
});
