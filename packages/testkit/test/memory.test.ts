import { createMemoryDriver } from '@stowage/core/memory';
import { testDriver } from '@stowage/testkit';

const driver = createMemoryDriver();

testDriver({ name: 'memory', create: () => driver, fetch: (url, init) => driver.handle(new Request(url, init)) });
