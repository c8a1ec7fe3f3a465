import { DRIVER_API, type DriverModule } from '@stowage/core/spi';
import { createPocketDriver } from './driver.js';
import { pocketOptions, type PocketOptions } from './options.js';

export const driver: DriverModule<PocketOptions> = {
  api: DRIVER_API,
  type: 'pocket',
  options: pocketOptions,
  // Names that users may write after the package's, as in "@acme/driver-pocket:small".
  presets: { small: { pageSize: 10 } },
  create: createPocketDriver,
};

export type { PocketOptions } from './options.js';
