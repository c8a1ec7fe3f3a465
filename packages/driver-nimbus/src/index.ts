import { DRIVER_API, type DriverModule } from '@stowage/core/spi';
import { createNimbusDriver } from './driver.js';
import { type NimbusOptions, optionTable } from './options.js';

/** Nimbus.io clusters. */
export const driver: DriverModule<NimbusOptions> = {
  api: DRIVER_API,
  type: 'nimbus',
  options: optionTable,
  create: (options, host) => createNimbusDriver(options, host),
};

export type { AccessControl, DayUsage, NimbusCollections } from './collections.js';
export type { NimbusOptions } from './options.js';
