import {
  type CallContext,
  type PartRecord,
  type PutRequest,
  type PutResult,
  StorageError,
  type UploadRef,
} from '@stowage/core/spi';
import type { WireResponse } from '@stowage/http';
import { bulkDelete } from './bulk.js';
import { PUT_MEANS, storedHeaders } from './objects.js';
import { markOf, placeOf, segmentOf, segmentPrefix } from './pending.js';
import { objectCall, objectPath, SLOW_CALL_MS } from './requests.js';
import { findMark, storedParts } from './segments.js';
import type { SwiftService } from './swift-service.js';
import { readEtag, readVersionId } from './wire.js';

/** Puts the manifest in place, then forgets the upload and what was there before. */
export async function completeUpload(
  service: SwiftService,
  upload: UploadRef,
  parts: readonly PartRecord[],
  { request, ctx }: { readonly request: PutRequest; readonly ctx: CallContext },
): Promise<PutResult> {
  const { largeObjects } = service;
  const { ref } = upload;
  const replaces = request.ifNoneMatch === undefined;
  const retiring = replaces ? largeObjects.beforeWrite(ref, ctx) : undefined;
  retiring?.catch(() => undefined);
  let isReplaced = false;
  try {
    await findMark(service, upload, ctx);
    await retiring;
    const response = await putManifest(service, upload, parts, { request, ctx });
    isReplaced = true;
    const complaint = `The upload of "${ref.key}" is complete, and its mark could not be deleted`;
    await largeObjects.tidy(complaint, (tidying) => largeObjects.deletePlain(markOf(upload), tidying));
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    return {
      record: { key: ref.key, size, etag: readEtag(response), versionId: readVersionId(response) },
      verified: 'none',
    };
  } finally {
    await largeObjects.settle(await retiring?.catch(() => undefined), isReplaced);
  }
}

interface Completion {
  readonly request: PutRequest;
  readonly ctx: CallContext;
}

async function putManifest(
  service: SwiftService,
  upload: UploadRef,
  parts: readonly PartRecord[],
  { request, ctx }: Completion,
): Promise<WireResponse> {
  const headers = storedHeaders(request);
  if (request.ifNoneMatch !== undefined) headers.push('if-none-match', request.ifNoneMatch);
  const filled = parts.filter(({ size }) => size > 0);
  const call = { ...objectCall('PUT', upload.ref, '', headers), ...PUT_MEANS, headersTimeoutMs: SLOW_CALL_MS };
  // No segment may be empty, so that an upload of nothing makes an empty object.
  if (filled.length === 0) {
    const response = await service.wire.send({ ...call, body: Buffer.alloc(0) }, ctx);
    await dropOthers(service, upload, [], ctx);
    return response;
  }
  if (upload.state?.['kind'] === 'dlo') return putDynamic(service, upload, filled, { call, ctx });
  const path = `${call.path}?multipart-manifest=put`;
  return service.wire.send({ ...call, path, body: manifestOf(upload, filled) }, ctx);
}

/** https://docs.openstack.org/swift/latest/middleware.html#static-large-objects: size and MD5 of each segment are compared. */
function manifestOf(upload: UploadRef, parts: readonly PartRecord[]): Buffer {
  const rows = parts.map(({ number, size, etag, checksum }) => {
    const md5 = checksum?.algorithm === 'md5' ? checksum.value : etag;
    const { container, key } = segmentOf(upload, number);
    return { path: `/${container}/${key}`, size_bytes: size, ...(md5 !== undefined && { etag: md5 }) };
  });
  return Buffer.from(JSON.stringify(rows));
}

/** A dynamic large object has whatever lies below its prefix: what was sent and not asked for must go first. */
async function putDynamic(
  service: SwiftService,
  upload: UploadRef,
  parts: readonly PartRecord[],
  { call, ctx }: { readonly call: ReturnType<typeof objectCall>; readonly ctx: CallContext },
): Promise<WireResponse> {
  const stored = await dropOthers(service, upload, parts, ctx);
  const missing = parts.find(
    ({ number, etag }) => !stored.some((part) => part.number === number && (etag ?? part.etag) === part.etag),
  );
  if (missing !== undefined) {
    const message = `The listing does not show segment ${String(missing.number)} yet; a dynamic large object would lack it.`;
    throw new StorageError('unavailable', message, { requestSent: false });
  }
  const prefix = objectPath({ container: placeOf(upload).container, key: segmentPrefix(upload) }).slice(1);
  return service.wire.send(
    { ...call, headers: [...call.headers, 'x-object-manifest', prefix], body: Buffer.alloc(0) },
    ctx,
  );
}

/** Deletes the segments that are not among `parts`. */
async function dropOthers(
  service: SwiftService,
  upload: UploadRef,
  parts: readonly PartRecord[],
  ctx: CallContext,
): Promise<readonly PartRecord[]> {
  const stored = await storedParts(service, upload, ctx);
  const others = stored.filter((one) => !parts.some(({ number }) => number === one.number));
  const refs = others.map(({ number }) => segmentOf(upload, number));
  if (refs.length > 0) await bulkDelete(service.wire, refs, ctx);
  return stored;
}
