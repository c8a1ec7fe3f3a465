import {
  compareBytes,
  type ContainerPage,
  isStorageError,
  type ListContainersRequest,
  type ObjectPage,
  pageOfContainers,
  StorageError,
  type StorageDriver,
} from '@stowage/core/spi';
import {
  parseContainerPage,
  parseObjectPage,
  type S3ContainerPage,
  type S3ObjectPage,
  type WireResponse,
} from '@stowage/http';
import type { S3Options } from './options.js';
import {
  createBucketRequest,
  deleteBucketRequest,
  headBucketRequest,
  listBucketsRequest,
  type ListPosition,
  listRequest,
} from './requests.js';
import type { S3Service } from './s3-service.js';

type ContainerCalls = Pick<
  StorageDriver,
  'listContainers' | 'statContainer' | 'createContainer' | 'deleteContainer' | 'list'
>;

/** Buckets and what is in them. */
export function containerCalls(service: S3Service): ContainerCalls {
  const { client, options, facts } = service;
  const stat: StorageDriver['statContainer'] = async (container, ctx) => {
    const response = await client.send(headBucketRequest(container), ctx);
    return { name: container, extra: bucketFacts(response) };
  };
  return {
    async listContainers(request, ctx) {
      const [page] = await client.ask(listBucketsRequest(request, facts.pagesBuckets), ctx, parseContainerPage);
      return facts.pagesBuckets ? toContainerPage(page, request) : pageOfContainers(page.containers, request);
    },
    statContainer: stat,
    async createContainer(container, request, ctx) {
      const constraint = locationConstraint(options, client.addresses.region);
      if (createsOverOwn(service, constraint)) await refuseExisting(stat(container, ctx));
      await client.send(createBucketRequest(container, constraint, request), ctx);
      return { name: container };
    },
    async deleteContainer(container, ctx) {
      await client.send(deleteBucketRequest(container), ctx);
    },
    async list(container, request, ctx) {
      const position = request.token === undefined ? undefined : readListToken(request.token);
      const [page] = await client.ask(listRequest(container, request, position), ctx, parseObjectPage);
      return toObjectPage(page, position === undefined ? request.startAfter : undefined);
    },
  };
}

function toContainerPage(
  { containers, continuationToken }: S3ContainerPage,
  { prefix = '' }: ListContainersRequest,
): ContainerPage {
  return { containers: containers.filter(({ name }) => name.startsWith(prefix)), next: continuationToken };
}

const BUCKET_FACTS: readonly (readonly [string, string])[] = [
  ['region', 'x-amz-bucket-region'],
  ['accessPointAlias', 'x-amz-access-point-alias'],
  ['objectCount', 'x-rgw-object-count'],
  ['bytesUsed', 'x-rgw-bytes-used'],
];

function bucketFacts(response: WireResponse): Readonly<Record<string, unknown>> {
  const facts: Record<string, unknown> = {};
  for (const [name, header] of BUCKET_FACTS) {
    const value = response.header(header);
    if (value !== undefined) facts[name] = header.startsWith('x-rgw-') ? Number(value) : value;
  }
  return facts;
}

/** Amazon says 200 to who creates his own bucket again, in us-east-1 alone; many services do everywhere. */
function createsOverOwn({ facts, client }: S3Service, constraint: string): boolean {
  return client.addresses.isAmazon ? constraint === '' : facts.createsOverOwn;
}

async function refuseExisting(stat: Promise<unknown>): Promise<void> {
  try {
    await stat;
  } catch (error) {
    // Whose it is if it is there, the creation itself tells better.
    if (isStorageError(error, 'container-not-found') || isStorageError(error, 'permission-denied')) return;
    throw error;
  }
  throw new StorageError('container-exists', 'A bucket of this name exists already, and is yours.');
}

/** Amazon wants none for us-east-1 and the region elsewhere; services of one region mostly want none. */
function locationConstraint(
  { locationConstraint: given, region: asked, endpoint, host }: S3Options,
  region: string,
): string {
  if (given !== undefined) return given;
  const isOwnEndpoint = endpoint !== undefined || host !== undefined;
  if (isOwnEndpoint && (asked === undefined || asked === 'default')) return '';
  return region === 'us-east-1' || region === 'auto' ? '' : region;
}

/** A token of ours says by its first letter what goes on: a token of the service, or a name. */
function readListToken(token: string): ListPosition {
  const rest = token.slice(1);
  if (token.startsWith('t')) return { token: rest };
  if (token.startsWith('m')) return { marker: rest };
  throw new StorageError('invalid-argument', 'The page token is none that this listing gave.');
}

/**
 * A service that knows only ListObjects gives no token: it goes on after the last name of the page. It also ignores where a listing is
 * to begin, so that the names up to there are dropped here and the next page begins where it should.
 */
function toObjectPage(page: S3ObjectPage, startAfter: string | undefined): ObjectPage {
  const { isTruncated, nextContinuationToken, nextMarker } = page;
  const isIgnored = startAfter !== undefined && page.objects.some(({ key }) => compareBytes(key, startAfter) <= 0);
  const objects = isIgnored ? page.objects.filter(({ key }) => compareBytes(key, startAfter) > 0) : page.objects;
  const prefixes = isIgnored
    ? page.prefixes.filter((prefix) => compareBytes(prefix, startAfter) > 0 || startAfter.startsWith(prefix))
    : page.prefixes;
  if (!isTruncated) return { objects, prefixes };
  if (nextContinuationToken !== undefined) return { objects, prefixes, next: `t${nextContinuationToken}` };
  const names = [page.objects.at(-1)?.key, page.prefixes.at(-1), nextMarker, isIgnored ? startAfter : undefined];
  const last = names
    .filter((name) => name !== undefined)
    .sort(compareBytes)
    .at(-1);
  if (last === undefined)
    throw new StorageError('unknown', 'The service says that its listing goes on, and not where.', {
      retryable: false,
    });
  return { objects, prefixes, next: `m${last}` };
}
