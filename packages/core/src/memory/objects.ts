import type { CallContext } from '../spi/context.js';
import type { StorageDriver } from '../spi/driver.js';
import type { BulkDeleteGroup, MetadataGroup, TagsGroup } from '../spi/groups.js';
import type { ObjectPage, ObjectRecord, ObjectRef } from '../spi/records.js';
import type {
  DeleteRequest,
  DeleteResult,
  ListRequest,
  PutBody,
  PutRequest,
  PutResult,
  ReadRequest,
  ReadResult,
  StatRequest,
} from '../spi/requests.js';
import { collectBody, streamBytes, verifyBody } from './body.js';
import { checkReadable, checkWritable, placeRange } from '../spi/conditions.js';
import { checkNotAborted, refuseProviderOptions } from './errors.js';
import { listEntries } from '../spi/key-page.js';
import type { MemoryStore } from './store.js';
import { copyAttributes, toRecord } from './stored-version.js';

type ObjectCalls = Pick<StorageDriver, 'list' | 'stat' | 'read' | 'put' | 'delete'>;

export function createObjectCalls(store: MemoryStore, pageSize: number): ObjectCalls {
  return {
    async list(container: string, request: ListRequest, ctx: CallContext): Promise<ObjectPage> {
      checkNotAborted(ctx);
      const holder = store.container(container);
      const isVisible = (key: string): boolean => holder.current(key) !== undefined;
      const { entries, next } = listEntries(holder.keys, request, pageSize, isVisible);
      const named = (kind: string): string[] => entries.filter((entry) => entry.kind === kind).map(({ name }) => name);
      const objects = named('key').map((key) => toRecord(holder.find({ container, key })));
      return { objects, prefixes: named('prefix'), next };
    },

    async stat(ref: ObjectRef, request: StatRequest, ctx: CallContext): Promise<ObjectRecord> {
      checkNotAborted(ctx);
      refuseProviderOptions(request.provider);
      const version = store.container(ref.container).find(ref);
      checkReadable(ref, version, request);
      return toRecord(version);
    },

    async read(ref: ObjectRef, request: ReadRequest, ctx: CallContext): Promise<ReadResult> {
      checkNotAborted(ctx);
      refuseProviderOptions(request.provider);
      const version = store.container(ref.container).find(ref);
      checkReadable(ref, version, request);
      const range = placeRange(ref, request.range, version.bytes.length);
      const facts = { record: toRecord(version), range };
      const bytes = version.bytes.subarray(range.start, range.end);
      if (request.want === 'bytes') return { ...facts, bytes: Buffer.from(bytes) };
      return { ...facts, stream: streamBytes(bytes, ctx) };
    },

    async put(ref: ObjectRef, body: PutBody, request: PutRequest, ctx: CallContext): Promise<PutResult> {
      refuseProviderOptions(request.provider);
      store.container(ref.container);
      const bytes = await collectBody(body, ctx);
      const verified = verifyBody(bytes, request.checksum);
      // Whatever happened while the body came in: conditions are asked of what is there now.
      const container = store.container(ref.container);
      checkWritable(ref, container.current(ref.key)?.etag, request);
      return { record: toRecord(container.write(ref.key, bytes, request, request.checksum)), verified };
    },

    async delete(ref: ObjectRef, request: DeleteRequest, ctx: CallContext): Promise<DeleteResult> {
      checkNotAborted(ctx);
      refuseProviderOptions(request.provider);
      return deleteNow(store, ref, request);
    },
  };
}

/** Deletes many objects, each as `delete` does. */
export function createBulkDelete(store: MemoryStore): BulkDeleteGroup {
  return {
    async delete(refs, request, ctx) {
      checkNotAborted(ctx);
      refuseProviderOptions(request.provider);
      return refs.map((ref) => {
        try {
          deleteNow(store, ref, request);
          return { ref };
        } catch (error) {
          return { ref, error: error as Error };
        }
      });
    },
  };
}

/** Changes what is stored beside the bytes. */
export function createMetadata(store: MemoryStore): MetadataGroup {
  return {
    async update(ref, { ifMatch, ...change }, ctx) {
      checkNotAborted(ctx);
      const container = store.container(ref.container);
      const version = container.find(ref);
      checkWritable(ref, version.etag, { ifMatch });
      const given = Object.fromEntries(
        Object.entries(copyAttributes(change)).filter(([, value]) => value !== undefined),
      );
      return toRecord(container.replace(version, { ...version.attributes, ...given }));
    },
  };
}

/** Reads and replaces the tags of an object. */
export function createTags(store: MemoryStore): TagsGroup {
  return {
    async read(ref, ctx) {
      checkNotAborted(ctx);
      return store.container(ref.container).find(ref).attributes.tags ?? {};
    },

    async replace(ref, tags, ctx) {
      checkNotAborted(ctx);
      const container = store.container(ref.container);
      const version = container.find(ref);
      container.replace(version, { ...version.attributes, tags });
    },
  };
}

function deleteNow(store: MemoryStore, ref: ObjectRef, { ifMatch }: DeleteRequest): DeleteResult {
  const container = store.container(ref.container);
  const versions = container.versionsOf(ref.key);
  const named =
    ref.versionId === undefined
      ? container.current(ref.key)
      : versions.find(({ versionId }) => versionId === ref.versionId);
  if (ifMatch !== undefined) checkWritable(ref, named?.etag, { ifMatch });
  if (ref.versionId !== undefined) {
    if (named) container.removeVersion(named);
    return { existed: named !== undefined, versionId: ref.versionId };
  }
  if (!named) return { existed: false };
  const marker = container.remove(ref.key);
  return { existed: true, ...(marker && { versionId: marker.versionId, isDeleteMarker: true }) };
}
