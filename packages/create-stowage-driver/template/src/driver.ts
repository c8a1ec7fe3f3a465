import {
  type CallContext,
  type Capabilities,
  checkWritable,
  digestOf,
  type DriverHost,
  type ObjectRecord,
  type ObjectRef,
  pageOfContainers,
  pageOfObjects,
  placeRange,
  type StorageDriver,
  StorageError,
} from '@stowage/core/spi';
import { collect, streamOf } from './body.js';
import { checkNotAborted, containerNotFound, objectNotFound, refuseOptions } from './errors.js';
import type { PocketOptions } from './options.js';
import { type Entry, PocketStore } from './store.js';

/** What the store can do. The conformance suite tests all that is said here, and that all else is refused. */
function capabilities(pageSize: number): Capabilities {
  return {
    keys: { maxBytes: 1024 },
    containers: { refuse: (name) => (name.includes('/') ? 'a container name holds no slash' : undefined) },
    list: {
      order: 'bytes',
      delimiter: 'any',
      startAfter: true,
      prefix: true,
      maxLimit: pageSize,
      consistency: 'strong',
    },
    read: { ranges: true, suffixRanges: true, conditions: [] },
    put: { maxBytes: 2 ** 30, unknownSize: true, conditions: ['ifNoneMatch'], attributes: ['contentType'] },
    delete: { conditions: [], tellsMissing: true },
    metadata: { names: 'none', maxBytes: 0 },
    checksums: { upload: [], reported: ['md5'] },
  };
}

function toRecord(key: string, { bytes, etag, modifiedAtMs, contentType }: Entry): ObjectRecord {
  return { key, size: bytes.length, etag, modifiedAtMs, contentType, checksums: { md5: digestOf('md5', bytes) } };
}

export function createPocketDriver({ pageSize = 1000 }: PocketOptions, host: DriverHost): StorageDriver {
  const { containers } = new PocketStore();
  const open = (container: string, ctx: CallContext): Map<string, Entry> => {
    checkNotAborted(ctx);
    const found = containers.get(container);
    if (!found) throw containerNotFound(container);
    return found;
  };
  const find = (ref: ObjectRef, ctx: CallContext): Entry => {
    const found = open(ref.container, ctx).get(ref.key);
    if (!found) throw objectNotFound(ref);
    return found;
  };
  return {
    type: 'pocket',
    capabilities: capabilities(pageSize),

    async listContainers(request, ctx) {
      checkNotAborted(ctx);
      const limit = Math.min(request.limit ?? pageSize, pageSize);
      const all = Array.from(containers.keys(), (name) => ({ name }));
      return pageOfContainers(all, { ...request, limit });
    },
    async statContainer(name, ctx) {
      open(name, ctx);
      return { name };
    },
    async createContainer(name, { provider }, ctx) {
      checkNotAborted(ctx);
      refuseOptions(provider);
      if (containers.has(name)) throw new StorageError('container-exists', `Container "${name}" is there already.`);
      containers.set(name, new Map());
      return { name };
    },
    async deleteContainer(name, ctx) {
      const isEmpty = open(name, ctx).size === 0;
      if (!isEmpty) throw new StorageError('container-not-empty', `Container "${name}" holds objects.`);
      containers.delete(name);
    },

    async list(container, request, ctx) {
      const all = Array.from(open(container, ctx), ([key, entry]) => toRecord(key, entry));
      return pageOfObjects(all, request, pageSize);
    },
    async stat(ref, { provider }, ctx) {
      refuseOptions(provider);
      return toRecord(ref.key, find(ref, ctx));
    },
    async read(ref, { want, range, provider }, ctx) {
      refuseOptions(provider);
      const entry = find(ref, ctx);
      const place = placeRange(ref, range, entry.bytes.length);
      const bytes = Buffer.from(entry.bytes.subarray(place.start, place.end));
      const facts = { record: toRecord(ref.key, entry), range: place };
      return want === 'bytes' ? { ...facts, bytes } : { ...facts, stream: streamOf(bytes, ctx) };
    },
    async put(ref, body, { contentType, provider, ifNoneMatch }, ctx) {
      refuseOptions(provider);
      open(ref.container, ctx);
      const bytes = await collect(body, ctx);
      // The condition is asked of what is there now, not of what was there when the body began.
      const entries = open(ref.container, ctx);
      checkWritable(ref, entries.get(ref.key)?.etag, { ifNoneMatch });
      const entry = { bytes, etag: host.randomBytes(8).toString('hex'), modifiedAtMs: host.nowMs(), contentType };
      entries.set(ref.key, entry);
      return { record: toRecord(ref.key, entry), verified: 'none' };
    },
    async delete(ref, { provider }, ctx) {
      refuseOptions(provider);
      return { existed: open(ref.container, ctx).delete(ref.key) };
    },
  };
}
