import { DRIVER_API, type DriverModule } from '@stowage/core/spi';
import { createOpenStackDriver } from './driver.js';
import { type OpenStackOptions, optionTable } from './options.js';

/** OpenStack Swift, Rackspace Cloud Files, and the Swift API of Ceph. */
export const driver: DriverModule<OpenStackOptions> = {
  api: DRIVER_API,
  type: 'openstack',
  options: optionTable,
  create: (options, host) => createOpenStackDriver(options, host),
};

export type { BulkOutcome } from './bulk.js';
export type { CdnContainer, CdnScheme } from './cdn.js';
export type { RowsRequest } from './containers.js';
export type { ServiceInfo } from './info.js';
export type { ObjectRow } from './listing.js';
export type { OpenStackOptions } from './options.js';
export type { AccountUsage, SwiftClient, TempUrlOptions } from './swift-client.js';
