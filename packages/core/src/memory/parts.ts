import { digestOf } from '../checksum/digest.js';
import { StorageError } from '../errors/storage-error.js';
import type { Checksum } from '../spi/checksums.js';
import type { DriverHost } from '../spi/context.js';
import type { PartPage, PartRecord, PartsGroup, UploadPage, UploadRef } from '../spi/groups.js';
import type { ListRequest } from '../spi/requests.js';
import { collectBody, verifyBody } from './body.js';
import { checkWritable } from '../spi/conditions.js';
import { checkNotAborted, refuseProviderOptions, uploadNotFound } from './errors.js';
import { listEntries } from '../spi/key-page.js';
import { SortedKeys } from '../spi/sorted-keys.js';
import type { MemoryStore, StoredPart, StoredUpload } from './store.js';
import { copyAttributes, toRecord } from './stored-version.js';

/** Uploads in parts: they wait beside the objects until `complete` makes one object of them. */
export function createParts(store: MemoryStore, host: DriverHost, pageSize: number): PartsGroup {
  function find(upload: UploadRef): StoredUpload {
    const found = store.container(upload.ref.container).uploads.get(upload.uploadId);
    if (found?.key !== upload.ref.key) throw uploadNotFound(upload);
    return found;
  }

  return {
    async begin(ref, request, ctx) {
      checkNotAborted(ctx);
      refuseProviderOptions(request.provider);
      const { uploads } = store.container(ref.container);
      const uploadId = host.randomBytes(16).toString('hex');
      const attributes = copyAttributes(request);
      uploads.set(uploadId, { uploadId, key: ref.key, attributes, startedAtMs: host.nowMs(), parts: new Map() });
      return { ref: { container: ref.container, key: ref.key }, uploadId };
    },

    async put(upload, { number, checksum }, body, ctx) {
      find(upload);
      const bytes = await collectBody(body, ctx);
      const verified = verifyBody(bytes, checksum);
      const part = makePart(number, bytes, checksum);
      find(upload).parts.set(number, part);
      return { ...describe(part), verified };
    },

    async copy(upload, { number }, { ref, range, ifMatch }, ctx) {
      checkNotAborted(ctx);
      const source = store.container(ref.container).find(ref);
      if (ifMatch !== undefined) checkWritable(ref, source.etag, { ifMatch });
      const part = makePart(number, source.bytes.subarray(range.start, range.end));
      find(upload).parts.set(number, part);
      return { ...describe(part), verified: 'none' };
    },

    async list(upload, { token }, ctx) {
      checkNotAborted(ctx);
      return listParts(find(upload), Number(token ?? 0), pageSize);
    },

    async complete(upload, parts, request, ctx) {
      checkNotAborted(ctx);
      const stored = find(upload);
      const bytes = Buffer.concat(parts.map((part) => takePart(stored, part, upload)));
      const verified = verifyBody(bytes, request.checksum);
      const container = store.container(upload.ref.container);
      checkWritable(upload.ref, container.current(stored.key)?.etag, request);
      container.uploads.delete(stored.uploadId);
      const version = container.write(stored.key, bytes, stored.attributes, request.checksum);
      return { record: toRecord(version), verified };
    },

    async abort(upload, ctx) {
      checkNotAborted(ctx);
      store.container(upload.ref.container).uploads.delete(upload.uploadId);
    },

    async listUploads(container, request, ctx) {
      checkNotAborted(ctx);
      return listUploads(container, store.container(container).uploads, request, pageSize);
    },
  };
}

/** Lists parts by number, from the one after `after`. */
function listParts(upload: StoredUpload, after: number, pageSize: number): PartPage {
  const rest = [...upload.parts.values()].filter(({ number }) => number > after);
  const page = rest.sort((a, b) => a.number - b.number).slice(0, pageSize);
  const next = rest.length > page.length ? String(page.at(-1)?.number) : undefined;
  return { parts: page.map(describe), next };
}

/** Lists uploads in byte order of their keys. */
function listUploads(
  container: string,
  uploads: ReadonlyMap<string, StoredUpload>,
  request: Pick<ListRequest, 'prefix' | 'token'>,
  pageSize: number,
): UploadPage {
  const names = new SortedKeys();
  const byName = new Map<string, StoredUpload>();
  for (const upload of uploads.values()) {
    const name = `${upload.key}\0${upload.uploadId}`;
    names.add(name);
    byName.set(name, upload);
  }
  const { entries, next } = listEntries(names, request, pageSize, () => true);
  const page = entries.flatMap(({ name }) => byName.get(name) ?? []);
  return {
    uploads: page.map(({ key, uploadId, startedAtMs }) => ({ ref: { container, key }, uploadId, startedAtMs })),
    next,
  };
}

function makePart(number: number, bytes: Buffer, checksum?: Checksum): StoredPart {
  return { number, size: bytes.length, etag: digestOf('md5', bytes), checksum, bytes };
}

function describe({ number, size, etag, checksum }: StoredPart): PartRecord {
  return { number, size, etag, ...(checksum && { checksum }) };
}

/** Throws `invalid-argument` unless the part was sent as the record says. */
function takePart(stored: StoredUpload, { number, etag }: PartRecord, { ref }: UploadRef): Buffer {
  const part = stored.parts.get(number);
  if (part && (etag === undefined || etag === part.etag)) return part.bytes;
  const message = part
    ? `Part ${number} was sent again since; give its newest record.`
    : `Part ${number} was never sent.`;
  throw new StorageError('invalid-argument', message, { container: ref.container, key: ref.key });
}
