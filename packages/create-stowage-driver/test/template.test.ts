import { createHost } from '@stowage/core/spi';
import { testDriver } from '@stowage/testkit';
import { createPocketDriver } from '../template/src/driver.js';

testDriver({ name: 'the template', create: () => createPocketDriver({ pageSize: 5 }, createHost()) });
