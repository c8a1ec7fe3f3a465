import { readFileSync } from 'node:fs';
import { createHost, type StorageDriver } from '@stowage/core/spi';
import { testDriver } from '@stowage/testkit';
import {
  CEPH,
  type CephFacts,
  describeLive,
  launchCeph,
  type Launched,
  launchSwift,
  SWIFT,
  type SwiftFacts,
} from '@stowage/test-servers';
import { createS3Driver } from '../src/driver.js';
import type { S3Options } from '../src/options.js';
import { fetchTrusting } from './fetch-trusting.js';

/** A driver of the same shape as the one that is tested, for a server that is not up yet. */
function shapeOf(options: S3Options): () => StorageDriver {
  return () => createS3Driver({ endpoint: 'https://localhost', user: 'u', key: 'k', ...options }, createHost());
}

const CEPH_DEVIATIONS = {
  'parts/abort': 'Ceph 16 answers to the completion of a gone upload that a completion is in progress',
  'concurrency/create-container':
    'Ceph says 200 to who creates his own bucket again, and between look and creation is a gap',
};

const WAYS: readonly (readonly [string, (facts: CephFacts) => string])[] = [
  ['http', ({ s3Endpoint }) => s3Endpoint],
  ['TLS by its own CA', ({ s3TlsEndpoint }) => s3TlsEndpoint],
];

for (const [way, endpointOf] of WAYS) {
  const options: S3Options = { service: 'ceph', region: 'default', locationConstraint: '' };
  let server: Launched<CephFacts> | undefined;
  const open = (facts: CephFacts, key: string): StorageDriver => {
    const network = { caCertsPath: [facts.caPath], verifyTls: true };
    const all = { ...options, endpoint: endpointOf(facts), user: facts.accessKey, key };
    return createS3Driver(all, createHost({ network }));
  };
  describeLive(`Ceph's gateway over ${way}`, CEPH, () => {
    testDriver({
      name: `s3: Ceph over ${way}`,
      shape: shapeOf(options),
      async create() {
        server = await launchCeph();
        return open(server.facts, server.facts.secretKey);
      },
      wrongCredentials: () => open(server!.facts, 'wrong secret'),
      close: () => server?.stop(),
      ...(way !== 'http' && { fetch: fetchTrusting(() => readFileSync(server!.facts.caPath, 'utf8')) }),
      deviations: CEPH_DEVIATIONS,
      storageClass: 'STANDARD_IA',
      propertyRuns: 10,
    });
  });
}

describeLive("Swift's S3 API", SWIFT, () => {
  const options: S3Options = { service: 'swift', headersTimeoutMs: 8000 };
  let server: Launched<SwiftFacts> | undefined;
  const open = ({ s3Endpoint: endpoint, user }: SwiftFacts, key: string): StorageDriver =>
    createS3Driver({ ...options, endpoint, user, key }, createHost());
  testDriver({
    name: "s3: Swift's S3 API",
    shape: shapeOf(options),
    async create() {
      server = await launchSwift();
      return open(server.facts, server.facts.key);
    },
    wrongCredentials: () => open(server!.facts, 'wrong secret'),
    close: () => server?.stop(),
    deviations: {
      'versions/restored':
        'Swift 2.30 waits for a body when a deletion mark is deleted by a DELETE without Content-Length, which is correct HTTP',
      'parts/complete-again': 'Swift 2.30 goes on to list the parts of an upload that was completed',
    },
    propertyRuns: 10,
  });
});
