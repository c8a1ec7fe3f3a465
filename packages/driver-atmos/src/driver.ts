import type { DriverHost, StorageDriver } from '@stowage/core/spi';
import { capabilitiesOf } from './capabilities.js';
import { AtmosClient } from './client.js';
import { containerCalls } from './containers.js';
import { KnownContainers } from './known-containers.js';
import { listObjects } from './listing.js';
import { moveGroup } from './move.js';
import { objectCalls } from './objects.js';
import { type AtmosOptions, serviceFacts } from './options.js';
import { partsGroup } from './parts.js';
import type { AtmosService } from './service.js';
import { metadataGroup, tagsGroup } from './tags.js';
import { createTools } from './tools.js';
import { cdnGroup, urlsGroup } from './urls.js';

/** Assembles a driver. No request is made. */
export function createAtmosDriver(options: AtmosOptions, host: DriverHost): StorageDriver {
  const facts = serviceFacts(options);
  const client = new AtmosClient(options, host, facts);
  const service: AtmosService = { client, facts, options, containers: new KnownContainers(client) };
  return {
    type: 'atmos',
    capabilities: Object.freeze(capabilitiesOf(facts)),
    ...containerCalls(service),
    list: (container, request, ctx) => listObjects(service, container, request, ctx),
    ...objectCalls(service),
    parts: partsGroup(service),
    move: moveGroup(service),
    metadata: metadataGroup(service),
    tags: tagsGroup(service),
    urls: urlsGroup(service),
    cdn: cdnGroup(service),
    sdk: async () => createTools(service),
    close: () => client.close(),
  };
}
