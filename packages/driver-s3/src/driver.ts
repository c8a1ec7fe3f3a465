import type { CallContext, Capabilities, DriverHost, ObjectRef, StorageDriver } from '@stowage/core/spi';
import { parseContainerPage, parseObjectPage } from '@stowage/http';
import { bulkDeleteGroup } from './bulk-delete.js';
import { capabilitiesOf } from './capabilities.js';
import { cdnGroup } from './cdn.js';
import { S3Client } from './client.js';
import { copyGroup } from './copy.js';
import { type ChainLoader, keySource } from './credentials.js';
import { encryptionHeaders } from './encryption.js';
import { checkOptions, type S3Options } from './options.js';
import { partsGroup } from './parts.js';
import { putObject } from './put.js';
import {
  createBucketRequest,
  deleteBucketRequest,
  deleteRequest,
  headBucketRequest,
  listBucketsRequest,
  listRequest,
  readRequest,
  type S3Call,
  statRequest,
} from './requests.js';
import { sdkClient, loadChain } from './sdk.js';
import { serviceFacts, uploadDigest } from './service.js';
import type { S3Service } from './s3-service.js';
import { urlsGroup } from './urls.js';
import { versionsGroup } from './versions.js';
import { websiteGroup } from './website.js';
import { readContentRange, toObjectRecord } from './wire.js';

/** Assembles a driver. No request is made, and the vendor's SDK is not loaded. */
export function createS3Driver(
  options: S3Options,
  host: DriverHost,
  chain: ChainLoader = () => loadChain(options),
): StorageDriver {
  checkOptions(options);
  const client = new S3Client(
    options,
    host,
    keySource(options, () => host.nowMs(), chain),
  );
  const facts = serviceFacts(options.service, client.addresses.hostName);
  const origin = client.addresses.service().origin;
  const isAnonymous = options.anonymous === true;
  const digest = uploadDigest(options, facts);
  const service: S3Service = {
    client,
    options,
    facts,
    encryption: encryptionHeaders(options, origin.startsWith('https:')),
    bodies: {
      digest,
      understandsChecksums: facts.checksums || options.checksum !== undefined,
      isSafeChannel: isSafe(origin),
      isAnonymous,
    },
  };
  const capabilities = Object.freeze(capabilitiesOf(facts, digest, isAnonymous));
  return {
    type: 's3',
    capabilities,
    ...containerCalls(service),
    ...objectCalls(service),
    ...optionalGroups(service, capabilities),
    sdk: () => sdkClient(client, options),
    close: () => client.close(),
  };
}

type ContainerCalls = Pick<
  StorageDriver,
  'listContainers' | 'statContainer' | 'createContainer' | 'deleteContainer' | 'list'
>;
type ObjectCalls = Pick<StorageDriver, 'stat' | 'read' | 'put' | 'delete'>;

function containerCalls({ client, options, facts }: S3Service): ContainerCalls {
  return {
    async listContainers(request, ctx) {
      const { containers, continuationToken } = parseContainerPage(
        (await client.send(listBucketsRequest(request, facts.name === 'aws'), ctx)).bytes,
      );
      const { prefix = '' } = request;
      return { containers: containers.filter(({ name }) => name.startsWith(prefix)), next: continuationToken };
    },
    async statContainer(container, ctx) {
      const response = await client.send(headBucketRequest(container), ctx);
      const region = response.header('x-amz-bucket-region');
      return { name: container, ...(region !== undefined && { extra: { region } }) };
    },
    async createContainer(container, request, ctx) {
      await client.send(createBucketRequest(container, locationConstraint(options), request), ctx);
      return { name: container };
    },
    async deleteContainer(container, ctx) {
      await client.send(deleteBucketRequest(container), ctx);
    },
    async list(container, request, ctx) {
      const page = parseObjectPage((await client.send(listRequest(container, request), ctx)).bytes);
      return {
        objects: page.objects,
        prefixes: page.prefixes,
        next: page.isTruncated ? page.nextContinuationToken : undefined,
      };
    },
  };
}

function objectCalls(service: S3Service): ObjectCalls {
  const { client, facts, encryption } = service;
  const withKey = (call: S3Call): S3Call => {
    call.headers.push(...encryption.read);
    return call;
  };
  return {
    async stat(ref, request, ctx) {
      const response = await client.send(withKey(statRequest(ref, request, facts.checksums)), ctx);
      return toObjectRecord(ref.key, response, facts);
    },
    async read(ref, request, ctx) {
      const response = await client.send(withKey(readRequest(ref, request, facts.checksums)), ctx);
      const record = toObjectRecord(ref.key, response, facts);
      const range = readContentRange(response, record);
      return response.stream ? { record, range, stream: response.stream } : { record, range, bytes: response.bytes };
    },
    put: (ref, body, request, ctx) => putObject(service, ref, body, request, ctx),
    async delete(ref: ObjectRef, request, ctx: CallContext) {
      const response = await client.send(deleteRequest(ref, request), ctx);
      const isDeleteMarker = response.header('x-amz-delete-marker') === 'true';
      return { versionId: response.header('x-amz-version-id'), ...(isDeleteMarker && { isDeleteMarker }) };
    },
  };
}

function optionalGroups(service: S3Service, capabilities: Capabilities): Partial<StorageDriver> {
  const { facts } = service;
  return {
    parts: partsGroup(service),
    copy: copyGroup(service),
    bulkDelete: bulkDeleteGroup(service),
    ...(capabilities.urls && { urls: urlsGroup(service), cdn: cdnGroup(service) }),
    ...(facts.versions && { versions: versionsGroup(service) }),
    ...(facts.website && { website: websiteGroup(service) }),
  };
}

/** Amazon wants none for us-east-1 and the region elsewhere; services of one region mostly want none. */
function locationConstraint({ locationConstraint: given, region, endpoint, host }: S3Options): string {
  if (given !== undefined) return given;
  const isDefault = region === undefined || region === 'us-east-1' || region === 'auto';
  const isOwnEndpoint = endpoint !== undefined || host !== undefined;
  return isDefault || (isOwnEndpoint && region === 'default') ? '' : region;
}

/** True when nobody on the way can change a body: TLS, or this very machine. */
function isSafe(origin: string): boolean {
  return origin.startsWith('https:') || /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/.test(origin);
}
