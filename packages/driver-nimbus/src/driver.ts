import type { DriverHost, StorageDriver } from '@stowage/core/spi';
import { Addresses } from './address.js';
import { identityOf } from './auth.js';
import { CAPABILITIES } from './capabilities.js';
import { NimbusClient } from './client.js';
import { nimbusCollections } from './collections.js';
import { containerCalls } from './containers.js';
import { objectCalls } from './objects.js';
import type { NimbusOptions } from './options.js';
import { partsGroup } from './parts.js';
import type { NimbusService } from './service.js';
import { urlsGroup } from './urls.js';
import { versionsGroup } from './versions.js';

const HIDDEN_KEYS =
  'The container holds keys that other software wrote and that this driver writes in another way; they are not listed. See the README of @stowage/driver-nimbus.';

/** Assembles a driver. No request is made. */
export function createNimbusDriver(options: NimbusOptions, host: DriverHost): StorageDriver {
  const client = new NimbusClient(options, host, new Addresses(options), identityOf(options));
  let hasTold = false;
  const service: NimbusService = {
    client,
    tellHiddenKeys() {
      if (!hasTold) host.warn(HIDDEN_KEYS);
      hasTold = true;
    },
  };
  return {
    type: 'nimbus',
    capabilities: CAPABILITIES,
    ...containerCalls(service),
    ...objectCalls(service),
    parts: partsGroup(service),
    urls: urlsGroup(service),
    versions: versionsGroup(service),
    sdk: () => Promise.resolve(nimbusCollections(service)),
    close: () => client.close(),
  };
}
