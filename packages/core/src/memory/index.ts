import { DRIVER_API, type DriverModule } from '../spi/module.js';
import { createMemoryDriver } from './driver.js';
import { memoryOptions, type MemoryOptions } from './options.js';

/** The memory driver. Every storage that is opened with it begins empty. */
export const driver: DriverModule<MemoryOptions> = {
  api: DRIVER_API,
  type: 'memory',
  options: memoryOptions,
  create: createMemoryDriver,
};
