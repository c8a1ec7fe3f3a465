import { testDriver } from '@stowage/testkit';
import { createPoorDriver } from './poor-driver.js';

testDriver({ name: 'a driver that declares nothing', create: createPoorDriver, concurrent: true });
