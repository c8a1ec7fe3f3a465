import { createHash } from 'node:crypto';
import { type CallContext, isStorageError, type PartRecord, StorageError, type UploadRef } from '@stowage/core/spi';
import { contentLengthOf } from '@stowage/http';
import { listRows } from './containers.js';
import { markOf, placeOf, segmentPrefix } from './pending.js';
import { objectCall, objectPath } from './requests.js';
import type { SwiftService } from './swift-service.js';
import { isStaticLarge, readEtag } from './wire.js';

/** Throws `upload-not-found` when the upload was completed, aborted or swept. */
export async function findMark(service: SwiftService, upload: UploadRef, ctx: CallContext): Promise<void> {
  const call = objectCall('HEAD', markOf(upload));
  await service.wire.send({ ...call, notFound: 'upload-not-found' }, ctx);
}

/** The segments of an upload, in their order. */
export async function storedParts(
  service: SwiftService,
  upload: UploadRef,
  ctx: CallContext,
): Promise<readonly PartRecord[]> {
  const prefix = segmentPrefix(upload);
  try {
    const rows = await listRows(service, placeOf(upload).container, { prefix }, ctx);
    return rows.flatMap(({ name = '', bytes, hash }) => {
      const digits = name.slice(prefix.length);
      return /^\d{8}$/.test(digits) ? [partRecord(Number(digits), bytes, hash)] : [];
    });
  } catch (error) {
    if (isStorageError(error, 'container-not-found'))
      throw new StorageError('upload-not-found', 'The upload was completed, aborted or swept.', { cause: error });
    throw error;
  }
}

export function partRecord(number: number, size: number, md5: string | undefined): PartRecord {
  return { number, size, etag: md5, ...(md5 !== undefined && { checksum: { algorithm: 'md5', value: md5 } }) };
}

/**
 * True when an object may be made of an upload's segments: completed by a process that died before it could delete the mark. Size or ETag
 * are enough, since segments that are kept cost space, and segments that are deleted cost the object.
 */
export async function isInUse(
  service: SwiftService,
  upload: UploadRef,
  ctx: CallContext,
  known?: readonly PartRecord[],
): Promise<boolean> {
  const object = await service.largeObjects.look(upload.ref, ctx);
  if (!object) return false;
  const manifest = object.header('x-object-manifest');
  const prefix = { container: placeOf(upload).container, key: segmentPrefix(upload) };
  if (manifest !== undefined)
    return manifest === objectPath(prefix).slice(1) || manifest === `${prefix.container}/${prefix.key}`;
  if (!isStaticLarge(object)) return false;
  const parts = known ?? (await storedParts(service, upload, ctx));
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  return readEtag(object) === largeEtag(parts) || contentLengthOf(object) === size;
}

/** ETag that a manifest of these segments has: the MD5 of their MD5s. */
function largeEtag(parts: readonly PartRecord[]): string {
  const hash = createHash('md5');
  for (const { etag = '' } of parts) hash.update(etag);
  return hash.digest('hex');
}
