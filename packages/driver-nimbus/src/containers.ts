import {
  isStorageError,
  type ListedRecord,
  type ListRequest,
  type ObjectPage,
  pageOfContainers,
  StorageError,
  type StorageDriver,
} from '@stowage/core/spi';
import { escapeUri } from '@stowage/http';
import { RESERVED_PREFIX, toStoredPrefix } from './keys.js';
import { collectionCall, listCall, listingArgument } from './requests.js';
import { type NimbusService, refuseProviderOptions } from './service.js';
import { type KeyPage, keyOfRow, readContainer, readContainers, readKeyPage } from './wire.js';

type ContainerCalls = Pick<
  StorageDriver,
  'listContainers' | 'statContainer' | 'createContainer' | 'deleteContainer' | 'list'
>;

/** Collections and what is in them. */
export function containerCalls(service: NimbusService): ContainerCalls {
  const { client } = service;
  const { user } = client.identity;
  return {
    async listContainers(request, ctx) {
      const all = await client.ask(collectionCall('GET', user), ctx, readContainers);
      return pageOfContainers(all, request);
    },
    statContainer: (container, ctx) => client.ask(collectionCall('GET', user, container), ctx, readContainer),
    async createContainer(container, { provider }, ctx) {
      refuseProviderOptions(provider, ['accessControl']);
      const call = collectionCall('POST', user, undefined, `?action=create&name=${escapeUri(container)}`);
      const accessControl = provider?.['accessControl'];
      // The content type must be just this; with a charset the body would not be looked at.
      const document = accessControl !== undefined && {
        headers: ['content-type', 'application/json'],
        body: Buffer.from(JSON.stringify(accessControl)),
      };
      await client.send({ ...call, ...document }, ctx);
      return { name: container };
    },
    async deleteContainer(container, ctx) {
      // The server deletes a collection with all that is in it.
      const call = listCall(container, '/data/', [listingArgument('max_keys', '1')]);
      const { rows } = await client.ask(call, ctx, readKeyPage);
      if (rows.length > 0) throw notEmpty(container, rows[0]?.stored.startsWith(RESERVED_PREFIX) === true);
      await client.send(collectionCall('DELETE', user, container), ctx).catch((error: unknown) => {
        throw isStorageError(error, 'unsupported') ? isDefault(container, error) : error;
      });
    },
    list: async (container, request, ctx) => {
      const call = listKeysCall(container, request);
      return toPage(service, await client.ask(call, ctx, readKeyPage), request);
    },
  };
}

function notEmpty(container: string, isUpload: boolean): StorageError {
  const what = isUpload ? 'uploads in parts that were begun; abort them first' : 'objects; delete them first';
  return new StorageError('container-not-empty', `Container "${container}" holds ${what}.`, { container });
}

function isDefault(container: string, cause: StorageError): StorageError {
  const message = `"${container}" is the default collection of its user and cannot be deleted.`;
  return new StorageError('permission-denied', message, { status: cause.status, cause });
}

/** Never with a delimiter: the server would then tell no keys at all. */
function listKeysCall(container: string, { prefix = '', token, limit }: ListRequest) {
  const stored = toStoredPrefix(prefix);
  return listCall(container, '/data/', [
    stored === '' ? undefined : listingArgument('prefix', stored),
    limit === undefined ? undefined : listingArgument('max_keys', String(limit)),
    token === undefined ? undefined : listingArgument('marker', token),
  ]);
}

function toPage(service: NimbusService, page: KeyPage, { prefix = '' }: ListRequest): ObjectPage {
  const objects: ListedRecord[] = [];
  for (const row of page.rows) {
    const key = keyOfRow(row);
    if (key?.startsWith(prefix)) objects.push({ key, modifiedAtMs: row.modifiedAtMs, versionId: row.versionId });
    else if (key === undefined && !row.stored.startsWith(RESERVED_PREFIX)) service.tellHiddenKeys();
  }
  return { objects, prefixes: [], next: nextMarker(page) };
}

/** The last key, in whichever order the database has; not one that the server could not read again. */
export function nextMarker({ rows, isTruncated }: KeyPage): string | undefined {
  if (!isTruncated) return undefined;
  const last = rows.findLast(({ stored }) => /^[ -~]*$/.test(stored))?.stored;
  if (last !== undefined) return last;
  throw new StorageError(
    'unknown',
    'The listing goes on behind keys beyond ASCII, which the server cannot go on from.',
    {
      retryable: false,
    },
  );
}
