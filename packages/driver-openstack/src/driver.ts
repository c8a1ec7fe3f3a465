import type { DriverHost, StorageDriver } from '@stowage/core/spi';
import { bulkDeleteGroup } from './bulk-delete.js';
import { capabilitiesOf } from './capabilities.js';
import { CloudFilesCdn } from './cdn.js';
import { SwiftWire } from './client.js';
import { containerCalls } from './containers.js';
import { copyGroup } from './copy.js';
import type { Env } from './environment.js';
import { Discovery } from './info.js';
import { LargeObjects } from './large-objects.js';
import { metadataGroup } from './metadata.js';
import { objectCalls } from './objects.js';
import { checkOptions, type OpenStackOptions } from './options.js';
import { partsGroup } from './parts.js';
import { serviceFacts } from './service.js';
import { SwiftClient } from './swift-client.js';
import type { SwiftService } from './swift-service.js';
import { TempUrlKey } from './temp-url-key.js';
import { urlsGroup } from './urls.js';
import { versionsGroup } from './versions.js';
import { websiteGroup } from './website.js';

/** What a driver takes from the process around it. */
export interface OpenStackSurroundings {
  readonly env: Env;
}

/** Assembles a driver. No request is made, nobody logs in, and no file is read. */
export function createOpenStackDriver(
  options: OpenStackOptions,
  host: DriverHost,
  { env = process.env }: Partial<OpenStackSurroundings> = {},
): StorageDriver {
  checkOptions(options);
  const facts = serviceFacts(options);
  const wire = new SwiftWire(options, host, env);
  const discovery = new Discovery(wire);
  const service: SwiftService = {
    ...{ wire, options, facts, discovery },
    largeObjects: new LargeObjects(wire, options),
    tempUrlKey: new TempUrlKey(wire, discovery, options, facts),
  };
  const cdn = facts.cdn ? new CloudFilesCdn(service) : undefined;
  return {
    type: 'openstack',
    capabilities: Object.freeze(capabilitiesOf(facts, options.anonymous === true)),
    ...containerCalls(service),
    ...objectCalls(service),
    parts: partsGroup(service),
    copy: copyGroup(service),
    bulkDelete: bulkDeleteGroup(service),
    metadata: metadataGroup(service),
    urls: urlsGroup(service),
    ...(facts.versions && { versions: versionsGroup(service) }),
    ...(facts.website && { website: websiteGroup(service) }),
    ...(cdn && { cdn }),
    sdk: () => Promise.resolve(new SwiftClient(service, cdn)),
    close: () => wire.close(),
  };
}
