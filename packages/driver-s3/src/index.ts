import { DRIVER_API, type DriverModule } from '@stowage/core/spi';
import { createS3Driver } from './driver.js';
import { optionTable, type S3Options } from './options.js';

/** Amazon S3 and the services that speak its protocol. */
export const driver: DriverModule<S3Options> = {
  api: DRIVER_API,
  type: 's3',
  options: optionTable,
  create: (options, host) => createS3Driver(options, host),
};

export type { S3Options } from './options.js';
