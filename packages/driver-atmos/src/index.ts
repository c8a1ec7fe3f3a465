import { DRIVER_API, type DriverModule } from '@stowage/core/spi';
import { createAtmosDriver } from './driver.js';
import { type AtmosOptions, optionTable } from './options.js';

/** EMC Atmos, Ninefold and the Atmos head of Dell ECS. */
export const driver: DriverModule<AtmosOptions> = {
  api: DRIVER_API,
  type: 'atmos',
  options: optionTable,
  create: (options, host) => createAtmosDriver(options, host),
};

export type { AtmosOptions } from './options.js';
export type {
  AccessTokenInfo,
  AccessTokenPolicy,
  AtmosAcl,
  AtmosObjectInterface,
  AtmosTools,
  ObjectVersion,
  PresignedRequest,
  ServiceInformation,
} from './tools-types.js';
