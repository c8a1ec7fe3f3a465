import { DRIVER_API, type DriverModule } from '@stowage/core/spi';
import { createGcsDriver } from './driver.js';
import { type GcsOptions, optionTable } from './options.js';

/** Google Cloud Storage. */
export const driver: DriverModule<GcsOptions> = {
  api: DRIVER_API,
  type: 'gcs',
  options: optionTable,
  create: (options, host) => createGcsDriver(options, host),
};

export type { ComposeSource } from './compose.js';
export type { GcsCalls, GcsDriver } from './driver.js';
export type { Holds } from './holds.js';
export type { GcsListRequest } from './json-list.js';
export type { GcsOptions } from './options.js';
export type { Permission, PermissionCalls, PermissionTarget } from './permissions.js';
