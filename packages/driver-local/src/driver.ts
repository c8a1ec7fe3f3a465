import {
  type CallContext,
  type Capabilities,
  type DriverHost,
  type ObjectRef,
  type StorageDriver,
  StorageError,
  type UploadRef,
} from '@stowage/core/spi';
import { createContainer, deleteContainer, listContainers, MAX_CONTAINER_PAGE, statContainer } from './containers.js';
import { copyObject, moveObject } from './copy.js';
import { deleteObject } from './delete.js';
import { classified } from './errors.js';
import { ATTRIBUTE_NAMES } from './facts.js';
import { Listings, MAX_PAGE } from './listing.js';
import { readTags, updateMetadata } from './metadata.js';
import { type LocalOptions, type LocalSettings, readSettings } from './options.js';
import { abortUpload, beginUpload, completeUpload, listParts, listUploads, MAX_PARTS, putPart } from './parts.js';
import { putObject } from './put.js';
import { readObject, statObject } from './read.js';
import { checkNames, LocalStore, MAX_KEY_BYTES, refuseContainerName, refuseKey } from './store.js';
import { MAX_URL_SECONDS, URL_METHODS, UrlSigner } from './urls.js';

const MAX_METADATA_BYTES = 64 * 1024;

/** What serves the URLs of a driver. */
export interface Serving {
  readonly signer: UrlSigner;
  readonly host: DriverHost;
}

const servings = new WeakMap<StorageDriver, Serving>();

/** What is needed to serve the URLs of a driver; undefined for other drivers, and for those without a `baseUrl`. */
export function servingOf(driver: StorageDriver): Serving | undefined {
  return servings.get(driver);
}

const stores = new WeakMap<StorageDriver, LocalStore>();

/** What a driver made here stands on; undefined for other drivers. */
export function storeOf(driver: StorageDriver): LocalStore | undefined {
  return stores.get(driver);
}

/** Makes a driver for a directory. Throws `invalid-argument` when the root is missing. */
export function createLocalDriver(options: LocalOptions, host: DriverHost): StorageDriver {
  const settings = readSettings(options);
  const store = new LocalStore(settings, host);
  const signer = settings.baseUrl && new UrlSigner(settings.baseUrl, settings.urlSecret, host);
  const driver: StorageDriver = {
    type: 'local',
    capabilities: createCapabilities(settings),
    ...containerCalls(store),
    ...objectCalls(store),
    parts: partCalls(store),
    ...copyCalls(store),
    metadata: {
      update: (ref, change, ctx) => write(store, ref, change, ctx, () => updateMetadata(store, ref, change, ctx)),
    },
    tags: {
      read: (ref, { signal }) => classified(signal, () => readTags(store, check(ref))),
      replace: (ref, tags, ctx) =>
        write(store, ref, {}, ctx, async () => {
          await updateMetadata(store, ref, { tags }, ctx);
        }),
    },
    ...(signer && {
      urls: {
        sign: (ref, request, { signal }) => classified(signal, async () => signer.sign(check(ref), request)),
        publicUrl: (ref) => signer.address(check(ref)),
      },
    }),
  };
  stores.set(driver, store);
  if (signer) servings.set(driver, { signer, host });
  return driver;
}

type ContainerCalls = Pick<
  StorageDriver,
  'listContainers' | 'statContainer' | 'createContainer' | 'deleteContainer' | 'list'
>;

function containerCalls(store: LocalStore): ContainerCalls {
  const listings = new Listings(store);
  return {
    listContainers: (request, { signal }) => classified(signal, () => listContainers(store, request)),
    statContainer: (container, { signal }) => classified(signal, () => statContainer(store, container)),
    createContainer: (container, request, ctx) =>
      classified(ctx.signal, () => {
        refuseProviderOptions(request.provider);
        return createContainer(store, container, ctx);
      }),
    deleteContainer: (container, ctx) => classified(ctx.signal, () => deleteContainer(store, container, ctx)),
    list: (container, request, { signal }) =>
      classified(signal, () => {
        checkNames(container);
        return listings.page(container, request);
      }),
  };
}

type ObjectCalls = Pick<StorageDriver, 'stat' | 'read' | 'put' | 'delete'>;

function objectCalls(store: LocalStore): ObjectCalls {
  return {
    stat: (ref, request, { signal }) => classified(signal, () => statObject(store, check(ref, request), request)),
    read: (ref, request, ctx) => classified(ctx.signal, () => readObject(store, check(ref, request), request, ctx)),
    put: (ref, body, request, ctx) => write(store, ref, request, ctx, () => putObject(store, ref, body, request, ctx)),
    delete: (ref, request, ctx) => write(store, ref, request, ctx, () => deleteObject(store, ref, request, ctx)),
  };
}

function copyCalls(store: LocalStore): Pick<StorageDriver, 'copy' | 'move'> {
  return {
    copy: {
      copy: (from, to, request, ctx) =>
        write(store, to, { ...request.attributes, ...request }, ctx, () =>
          copyObject(store, check(from), to, request, ctx),
        ),
    },
    move: {
      move: (from, to, request, ctx) =>
        write(store, to, { ...request.attributes, ...request }, ctx, () =>
          moveObject(store, check(from), to, request, ctx),
        ),
    },
  };
}

function partCalls(store: LocalStore): NonNullable<StorageDriver['parts']> {
  const checkUpload = (upload: UploadRef): UploadRef => ({ ...upload, ref: check(upload.ref) });
  return {
    begin: (ref, request, ctx) => write(store, ref, request, ctx, () => beginUpload(store, ref, request)),
    put: (upload, part, body, ctx) =>
      classified(ctx.signal, () => putPart(store, checkUpload(upload), part, body, ctx)),
    list: (upload, request, { signal }) => classified(signal, () => listParts(store, checkUpload(upload), request)),
    complete: (upload, parts, request, ctx) =>
      write(store, upload.ref, request, ctx, () => completeUpload(store, upload, parts, request, ctx)),
    abort: (upload, ctx) => classified(ctx.signal, () => abortUpload(store, checkUpload(upload), ctx)),
    listUploads: (container, request, { signal }) =>
      classified(signal, () => {
        checkNames(container);
        return listUploads(store, container, request);
      }),
  };
}

/** Runs a call that changes the object of `ref`, after a check of its names and options. */
function write<T>(
  store: LocalStore,
  ref: ObjectRef,
  request: Unsupported,
  { signal }: CallContext,
  work: () => Promise<T>,
): Promise<T> {
  return classified(signal, () => store.whileContainerLasts(check(ref, request), work));
}

/** Options of a request that this driver has no use for. */
interface Unsupported {
  readonly provider?: Readonly<Record<string, unknown>> | undefined;
  readonly storageClass?: string | undefined;
  readonly acl?: string | undefined;
}

/** Gives back the names when they are good. Throws `invalid-argument` and, for options that would be lost, `unsupported`. */
function check(ref: ObjectRef, request: Unsupported = {}): ObjectRef {
  checkNames(ref.container, ref.key);
  refuseProviderOptions(request.provider);
  const lost = request.storageClass !== undefined ? 'storageClass' : request.acl !== undefined ? 'acl' : undefined;
  const name = ref.versionId === undefined ? lost : 'versionId';
  if (name !== undefined) throw new StorageError('unsupported', `The local driver cannot honour "${name}"; remove it.`);
  return ref;
}

function refuseProviderOptions(options: Unsupported['provider']): void {
  const name = options && Object.keys(options)[0];
  if (name === undefined) return;
  throw new StorageError('unsupported', `The local driver has no provider option "${name}"; remove it.`);
}

/** Names what the driver can do, and how far. */
function createCapabilities({ baseUrl, urlSecret }: LocalSettings): Capabilities {
  const [maxBytes, attributes] = [Number.MAX_SAFE_INTEGER, ATTRIBUTE_NAMES];
  const copies = { conditions: ['ifMatch', 'ifNoneMatch', 'sourceIfMatch'], attributes } as const;
  const upload = ['crc32', 'sha1', 'sha256', 'md5', 'crc32c', 'crc64nvme'] as const;
  return {
    keys: { maxBytes: MAX_KEY_BYTES, refuse: refuseKey },
    containers: { refuse: refuseContainerName },
    list: {
      order: 'bytes',
      delimiter: 'any',
      startAfter: true,
      maxLimit: Math.min(MAX_PAGE, MAX_CONTAINER_PAGE),
      consistency: 'strong',
      prefix: true,
    },
    read: {
      ranges: true,
      suffixRanges: true,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSinceMs', 'ifUnmodifiedSinceMs'],
    },
    put: { maxBytes, unknownSize: true, conditions: ['ifMatch', 'ifNoneMatch'], attributes },
    delete: { conditions: ['ifMatch'], tellsMissing: true },
    metadata: { names: 'exact', maxBytes: MAX_METADATA_BYTES },
    checksums: { upload, reported: ['crc32'] },
    parts: {
      minBytes: 1,
      maxBytes,
      maxParts: MAX_PARTS,
      multipleOf: 1,
      sequential: false,
      // One put is as fast as any number of parts, and uses less memory.
      thresholdBytes: maxBytes,
      conditions: ['ifMatch', 'ifNoneMatch'],
      upload,
    },
    copy: { maxBytes, ...copies },
    move: copies,
    ...(baseUrl && { urls: { methods: urlSecret === undefined ? [] : URL_METHODS, maxSeconds: MAX_URL_SECONDS } }),
  };
}
