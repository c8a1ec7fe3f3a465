import type { DriverHost, StorageDriver } from '@stowage/core/spi';
import { isSafeChannel } from '@stowage/http';
import { Addresses } from './address.js';
import { bulkDeleteGroup } from './bulk-delete.js';
import { capabilitiesOf, comparedDigests } from './capabilities.js';
import { cdnGroup } from './cdn.js';
import { S3Client } from './client.js';
import { containerCalls } from './containers.js';
import { copyGroup } from './copy.js';
import { type ChainLoader, keySource } from './credentials.js';
import { encryptionHeaders } from './encryption.js';
import { objectCalls } from './objects.js';
import { checkOptions, type S3Options } from './options.js';
import { partsGroup } from './parts.js';
import type { S3Service } from './s3-service.js';
import { loadChain, sdkClient } from './sdk.js';
import { serviceFacts, uploadDigest } from './service.js';
import { tagsGroup } from './tags.js';
import { urlsGroup } from './urls.js';
import { versionsGroup } from './versions.js';
import { websiteGroup } from './website.js';

/** What a driver takes from the process around it. */
export interface S3Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly loadChain: ChainLoader;
}

/** Assembles a driver. No request is made, and the vendor's SDK is not loaded. */
export function createS3Driver(
  options: S3Options,
  host: DriverHost,
  surroundings: Partial<S3Surroundings> = {},
): StorageDriver {
  checkOptions(options);
  const { env = process.env, loadChain: chain = () => loadChain(options) } = surroundings;
  const addresses = new Addresses(options);
  const facts = serviceFacts(options, addresses.hostName);
  if (facts.virtualHosts) addresses.preferHosts();
  const client = new S3Client(
    options,
    host,
    addresses,
    keySource(options, { nowMs: () => host.nowMs(), loadChain: chain, env }),
  );
  const { origin } = addresses.service();
  const isAnonymous = options.anonymous === true;
  const digest = uploadDigest(options, facts);
  const service: S3Service = {
    client,
    options,
    facts,
    encryption: encryptionHeaders(options, facts, origin.startsWith('https:')),
    bodies: {
      digest,
      compared: comparedDigests(digest, facts),
      facts,
      isSafeChannel: isSafeChannel(origin),
      isAnonymous,
    },
  };
  return {
    type: 's3',
    capabilities: Object.freeze(capabilitiesOf(facts, digest, isAnonymous)),
    ...containerCalls(service),
    ...objectCalls(service),
    parts: partsGroup(service),
    copy: copyGroup(service),
    bulkDelete: bulkDeleteGroup(service),
    urls: urlsGroup(service),
    ...(!isAnonymous && { cdn: cdnGroup(service, env) }),
    ...(facts.tags && { tags: tagsGroup(service) }),
    ...(facts.versions && { versions: versionsGroup(service) }),
    ...(facts.website && { website: websiteGroup(service) }),
    sdk: () => sdkClient(client, options),
    close: () => client.close(),
  };
}
