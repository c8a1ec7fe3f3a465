import {
  type CallContext,
  type ContainerRecord,
  type CreateContainerRequest,
  isStorageError,
  StorageError,
  type StorageDriver,
} from '@stowage/core/spi';
import { queryString, type WireResponse } from '@stowage/http';
import { MAX_PAGE, PAGE } from './capabilities.js';
import { containerRows, type ObjectRow, objectRows, toContainerRecord, toObjectPage } from './listing.js';
import { refuse } from './options.js';
import { providerHeaders } from './provider-options.js';
import { accountCall, containerCall, utf8Header } from './requests.js';
import type { SwiftService } from './swift-service.js';
import { readMetadata, TEMP_URL_KEYS } from './wire.js';

type ContainerCalls = Pick<
  StorageDriver,
  'listContainers' | 'statContainer' | 'createContainer' | 'deleteContainer' | 'list'
>;

/** Containers and what is in them. */
export function containerCalls(service: SwiftService): ContainerCalls {
  const { wire, facts, largeObjects } = service;
  return {
    async listContainers({ prefix = '', token, limit = PAGE }, ctx) {
      const asked = facts.picksContainers && prefix !== '' ? prefix : undefined;
      const query = queryString('format', 'json', 'limit', String(limit), 'prefix', asked, 'marker', token);
      const rows = containerRows(await wire.send(accountCall('GET', query), ctx));
      const next = rows.length < limit ? undefined : rows.at(-1)?.name;
      return { containers: rows.filter(({ name }) => name.startsWith(prefix)).map(toContainerRecord), next };
    },
    async statContainer(container, ctx) {
      return toContainer(container, await wire.send(containerCall('HEAD', container), ctx));
    },
    createContainer: (container, request, ctx) => createContainer(service, container, request, ctx),
    async deleteContainer(container, ctx) {
      await wire.send({ ...containerCall('DELETE', container), conflict: 'container-not-empty' }, ctx);
      await largeObjects.forgetContainer(container, ctx);
    },
    async list(container, request, ctx) {
      const { prefix, delimiter, startAfter, token, limit = PAGE } = request;
      const rows = await listRows(service, container, { prefix, delimiter, marker: token ?? startAfter, limit }, ctx);
      return toObjectPage(rows, limit, facts.listsLarge);
    },
  };
}

/** What a page of objects is asked for; names are exclusive bounds. */
export interface RowsRequest {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly marker?: string | undefined;
  readonly endMarker?: string | undefined;
  /** From the last name to the first. */
  readonly reverse?: boolean | undefined;
  readonly limit?: number | undefined;
}

/** https://docs.openstack.org/api-ref/object-store/#show-container-details-and-list-objects */
export async function listRows(
  { wire }: Pick<SwiftService, 'wire'>,
  container: string,
  { prefix, delimiter, marker, endMarker, reverse, limit = MAX_PAGE }: RowsRequest,
  ctx: CallContext,
): Promise<readonly ObjectRow[]> {
  const query = queryString(
    ...['format', 'json'],
    ...['limit', String(limit)],
    ...['prefix', prefix],
    ...['delimiter', delimiter],
    ...['marker', marker],
    ...['end_marker', endMarker],
    ...['reverse', reverse === true ? 'true' : undefined],
  );
  return objectRows(await wire.send(containerCall('GET', container, query), ctx));
}

/** https://docs.openstack.org/api-ref/object-store/#create-container: 202 says that it was there, and has been changed. */
async function createContainer(
  { wire }: SwiftService,
  container: string,
  { provider }: CreateContainerRequest,
  ctx: CallContext,
): Promise<ContainerRecord> {
  const headers = [...providerHeaders('create', provider), ...ownHeaders(provider ?? {})];
  // Its settings would be written over those of a container that is there.
  if (headers.length > 0) await refuseExisting(wire.send(containerCall('HEAD', container), ctx));
  const call = { ...containerCall('PUT', container, '', headers), conflict: 'container-exists' as const };
  const { status } = await wire.send(call, ctx);
  if (status !== 202) return { name: container };
  throw new StorageError('container-exists', 'A container of this name exists already.', { status });
}

/** `public` lets everybody read and list; `metadata` is that of the container. */
function ownHeaders(options: Readonly<Record<string, unknown>>): readonly string[] {
  const { public: isPublic = false, metadata = {} } = options;
  if (typeof isPublic !== 'boolean') return refuse('The provider option "public" must be true or false.');
  if (isPublic && options['readAcl'] !== undefined)
    return refuse('The provider options "public" and "readAcl" both say who may read; give one.');
  if (typeof metadata !== 'object' || metadata === null)
    return refuse('The provider option "metadata" must be an object of texts.');
  const pairs = Object.entries(metadata).flatMap(([name, value]) => [
    containerMetadataHeader(name),
    metadataText(value),
  ]);
  return isPublic ? [...pairs, 'x-container-read', PUBLIC_READ] : pairs;
}

/** Every referrer may read, and list. */
export const PUBLIC_READ = '.r:*,.rlistings';

export function containerMetadataHeader(name: string): string {
  if (/^[A-Za-z0-9-]{1,128}$/.test(name)) return `x-container-meta-${name.toLowerCase()}`;
  return refuse(`The name ${JSON.stringify(name)} of a container's metadata may hold letters, digits and "-" only.`);
}

export function metadataText(value: unknown): string {
  if (typeof value === 'string' && !/\p{Cc}/u.test(value)) return utf8Header(value);
  return refuse('Metadata must be text without control characters.');
}

async function refuseExisting(stat: Promise<unknown>): Promise<void> {
  try {
    await stat;
  } catch (error) {
    if (isStorageError(error, 'container-not-found')) return;
    throw error;
  }
  throw new StorageError('container-exists', 'A container of this name exists already.');
}

const FACTS: readonly (readonly [string, string])[] = [
  ['storagePolicy', 'x-storage-policy'],
  ['readAcl', 'x-container-read'],
  ['writeAcl', 'x-container-write'],
  ['versionsEnabled', 'x-versions-enabled'],
  ['versionsLocation', 'x-versions-location'],
  ['historyLocation', 'x-history-location'],
];
const NUMBERS: readonly (readonly [string, string])[] = [
  ['objectCount', 'x-container-object-count'],
  ['bytesUsed', 'x-container-bytes-used'],
  ['quotaBytes', 'x-container-meta-quota-bytes'],
  ['quotaCount', 'x-container-meta-quota-count'],
];

/** https://docs.openstack.org/api-ref/object-store/#show-container-metadata */
export function toContainer(name: string, response: WireResponse): ContainerRecord {
  const extra: Record<string, unknown> = {};
  for (const [fact, header] of FACTS) {
    const value = response.header(header);
    if (value !== undefined) extra[fact] = header === 'x-versions-enabled' ? value.toLowerCase() === 'true' : value;
  }
  for (const [fact, header] of NUMBERS) {
    const value = response.header(header);
    if (value !== undefined) extra[fact] = Number(value);
  }
  extra['metadata'] = readMetadata(response, 'x-container-meta-', TEMP_URL_KEYS);
  const seconds = Number(response.header('x-timestamp'));
  return { name, ...(seconds > 0 && { createdAtMs: Math.floor(seconds * 1000) }), extra };
}
