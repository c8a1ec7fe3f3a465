import { createHost } from '@stowage/core/spi';
import { testDriver } from '@stowage/testkit';
import { createPocketDriver } from '../src/driver.js';
import { options } from './options.js';

testDriver({
  name: 'pocket',
  create: () => createPocketDriver(options, createHost()),
  // A rule that your provider breaks, with the reason: it must fail, and turns red on the day it passes.
  deviations: {},
});
