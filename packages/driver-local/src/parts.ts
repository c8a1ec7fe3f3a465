import {
  checkWritable,
  type CallContext,
  combineCrcs,
  createDigest,
  type Checksums,
  type ObjectRef,
  type PartPage,
  type PartRecord,
  type PartResult,
  type PartsGroup,
  type PutBody,
  type PutRequest,
  type PutResult,
  StorageError,
  type UploadPage,
  type UploadRef,
} from '@stowage/core/spi';
import { closeFile, setMode, syncFile, truncateFile, unless } from './calls.js';
import { uploadNotFound } from './errors.js';
import { FileStream } from './file-stream.js';
import { etagOf } from './identity.js';
import { hashName } from './keys.js';
import { openParents } from './parents.js';
import { publish } from './put.js';
import { findPlace, Slot } from './slot.js';
import { OWN_DIGEST, writeBody } from './staging.js';
import type { LocalStore } from './store.js';
import { type StoredPart, type StoredUpload, UPLOAD_ID, UploadFiles, uploadIds } from './upload-files.js';

export const MAX_PARTS = 100_000;
const PAGE = 1000;

const lockOfUpload = ({ ref, uploadId }: UploadRef): string => hashName(`${ref.container}\0upload\0${uploadId}`);

/** Begins an upload. Conditions are checked now, so that nothing is sent in vain, and again when it is completed. */
export async function beginUpload(store: LocalStore, ref: ObjectRef, request: PutRequest): Promise<UploadRef> {
  await store.ready();
  (await store.openContainer(ref.container)).close();
  const parents = await openParents(store, ref);
  try {
    const current = parents && (await findPlace(parents)).current;
    checkWritable(ref, current && etagOf(current), request);
  } finally {
    parents?.close();
  }
  const uploadId = store.host.randomBytes(16).toString('hex');
  await new UploadFiles(store, ref.container, uploadId).create(ref.key, request);
  return { ref: { container: ref.container, key: ref.key }, uploadId };
}

/** Writes a part at its offset. Parts are written side by side; the same part twice, one after the other. */
export async function putPart(
  store: LocalStore,
  upload: UploadRef,
  part: Parameters<PartsGroup['put']>[1],
  body: PutBody,
  ctx: CallContext,
): Promise<PartResult> {
  const files = new UploadFiles(store, upload.ref.container, upload.uploadId);
  await files.expect(upload);
  if (await files.isClosed()) await store.locks.hold([lockOfUpload(upload)], ctx, () => files.reopen());
  return await store.locks.hold([`${lockOfUpload(upload)}.${part.number}`], ctx, async () => {
    const fd = await files.openData();
    if (fd === undefined) throw uploadNotFound(upload);
    try {
      await files.removePart(part.number);
      const { size, checksums } = await writeBody(fd, part.offset, body, part.checksum, ctx.signal);
      if (store.settings.fsync) await syncFile(fd);
      const etag = `${checksums[OWN_DIGEST] ?? ''}-${size.toString(16)}`;
      const stored: StoredPart = { number: part.number, offset: part.offset, size, etag, checksums };
      if (!(await unless(['ENOENT'], files.writePart(stored)))) throw uploadNotFound(upload);
      return { ...toPartRecord(stored), verified: part.checksum ? 'service' : 'none' };
    } finally {
      await closeFile(fd);
    }
  });
}

function toPartRecord({ number, size, etag, checksums }: StoredPart): PartRecord {
  const value = checksums[OWN_DIGEST];
  return { number, size, etag, ...(value !== undefined && { checksum: { algorithm: OWN_DIGEST, value } }) };
}

export async function listParts(
  store: LocalStore,
  upload: UploadRef,
  { token }: { readonly token?: string | undefined },
): Promise<PartPage> {
  const files = new UploadFiles(store, upload.ref.container, upload.uploadId);
  await files.expect(upload);
  const rest = (await files.partNumbers()).filter((number) => number > Number(token ?? 0));
  const page = rest.slice(0, PAGE);
  const stored = await Promise.all(page.map((number) => files.readPart(number)));
  const parts = stored.flatMap((part) => (part ? [toPartRecord(part)] : []));
  return rest.length > page.length ? { parts, next: String(page.at(-1)) } : { parts };
}

/** Makes the parts one object, without copying a byte. */
export async function completeUpload(
  store: LocalStore,
  upload: UploadRef,
  parts: readonly PartRecord[],
  request: PutRequest,
  ctx: CallContext,
): Promise<PutResult> {
  const files = new UploadFiles(store, upload.ref.container, upload.uploadId);
  return await store.locks.hold([lockOfUpload(upload)], ctx, async () => {
    const stored = await files.expect(upload);
    await files.close();
    try {
      // A part that a caller gave up on may still be written; it must not be when the file is an object.
      for (const name of await store.locks.namesFrom(`${lockOfUpload(upload)}.`)) {
        await store.locks.hold([name], ctx, () => Promise.resolve());
      }
      const result = await complete(store, upload, files, stored, await takeParts(files, upload, parts), request, ctx);
      await files.remove();
      return result;
    } catch (error) {
      await files.reopen();
      throw error;
    }
  });
}

async function complete(
  store: LocalStore,
  upload: UploadRef,
  files: UploadFiles,
  stored: StoredUpload,
  parts: readonly StoredPart[],
  request: PutRequest,
  ctx: CallContext,
): Promise<PutResult> {
  const { ref } = upload;
  const slot = await Slot.open(store, ref, ctx);
  try {
    await slot.check(request);
    const fd = await files.openWhole();
    if (fd === undefined) throw uploadNotFound(upload);
    try {
      const size = parts.reduce((sum, part) => sum + part.size, 0);
      await truncateFile(fd, size);
      if (store.settings.fileMode !== undefined) await setMode(fd, store.settings.fileMode);
      const checksums = await checkWhole(fd, ref, size, parts, request, ctx);
      const staged = { path: files.whole, fd, keyHash: hashName(ref.key) };
      const facts = { attributes: stored.attributes, checksums };
      const { record } = await publish(store, ref, slot, staged, facts, request, ctx);
      return { record, verified: request.checksum ? 'service' : 'none' };
    } finally {
      await closeFile(fd);
    }
  } finally {
    await slot.close();
  }
}

/** Finds the named parts. Throws `invalid-argument` unless they follow each other without a gap. */
async function takeParts(files: UploadFiles, { ref }: UploadRef, parts: readonly PartRecord[]): Promise<StoredPart[]> {
  const refuse = (reason: string): never => {
    throw new StorageError('invalid-argument', reason, { container: ref.container, key: ref.key });
  };
  const taken: StoredPart[] = [];
  let offset = 0;
  for (const { number, etag } of parts) {
    const part = (await files.readPart(number)) ?? refuse(`Part ${number} was never sent whole.`);
    if (etag !== undefined && etag !== part.etag)
      refuse(`Part ${number} was sent again since; give its newest record.`);
    if (part.offset !== offset) refuse(`Part ${number} begins at byte ${part.offset}, where byte ${offset} is due.`);
    offset += part.size;
    taken.push(part);
  }
  return taken;
}

/** The digests of the whole: that of our own from the parts', any other by reading. Throws `checksum-mismatch`. */
async function checkWhole(
  fd: number,
  ref: ObjectRef,
  size: number,
  parts: readonly StoredPart[],
  { checksum }: PutRequest,
  ctx: CallContext,
): Promise<Checksums> {
  const own = combineCrcs(
    OWN_DIGEST,
    parts.map((part) => ({ value: part.checksums[OWN_DIGEST] ?? '', size: part.size })),
  );
  const checksums: Checksums = { [OWN_DIGEST]: own };
  if (!checksum) return checksums;
  const digest = createDigest(checksum.algorithm);
  if (checksum.algorithm !== OWN_DIGEST) {
    const stream = new FileStream(fd, ref, { start: 0, end: size }, ctx.signal, false);
    for await (const chunk of stream) digest.update(chunk as Buffer);
  }
  const value = checksum.algorithm === OWN_DIGEST ? own : digest.hex();
  if (value === checksum.value) return { ...checksums, [checksum.algorithm]: value };
  const message = `The ${checksum.algorithm} of the parts put together is ${value}, and ${checksum.value} was announced.`;
  throw new StorageError('checksum-mismatch', message, { container: ref.container, key: ref.key });
}

export async function abortUpload(store: LocalStore, upload: UploadRef, ctx: CallContext): Promise<void> {
  if (!UPLOAD_ID.test(upload.uploadId)) return;
  const files = new UploadFiles(store, upload.ref.container, upload.uploadId);
  if ((await files.lastChangeMs()) === undefined) return;
  await store.locks.hold([lockOfUpload(upload)], ctx, () => files.remove());
}

/** Lists uploads in the order of their ids; the token is the last one of the page before. */
export async function listUploads(
  store: LocalStore,
  container: string,
  { prefix = '', token = '' }: Parameters<PartsGroup['listUploads']>[1],
): Promise<UploadPage> {
  (await store.openContainer(container)).close();
  const ids = (await uploadIds(store, container)).filter((id) => id > token);
  const page = ids.slice(0, PAGE);
  const stored = await Promise.all(page.map((id) => new UploadFiles(store, container, id).read()));
  const uploads = stored.flatMap((upload, index) => {
    if (!upload?.key.startsWith(prefix)) return [];
    return [{ ref: { container, key: upload.key }, uploadId: page[index] as string, startedAtMs: upload.startedAtMs }];
  });
  return ids.length > page.length ? { uploads, next: page.at(-1) } : { uploads };
}
