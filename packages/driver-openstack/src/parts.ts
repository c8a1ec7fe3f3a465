import {
  type CallContext,
  type Checksum,
  isStorageError,
  type ObjectRef,
  type PartPage,
  type PartResult,
  type PartsGroup,
  type PutBody,
  type PutRequest,
  StorageError,
  type UploadRef,
} from '@stowage/core/spi';
import { rangeHeader } from '@stowage/http';
import { abortUpload } from './abort.js';
import { completeUpload } from './complete.js';
import { SEGMENTS_OF } from './large-objects.js';
import { listUploads } from './list-uploads.js';
import { baseOf, markOf, PENDING_TYPE, segmentOf } from './pending.js';
import { largeObjectKind } from './provider-options.js';
import { containerCall, objectCall, objectPath, SLOW_CALL_MS, utf8Header, versionQuery } from './requests.js';
import { storedHeaders } from './objects.js';
import { findMark, isInUse, partRecord, storedParts } from './segments.js';
import type { SwiftService } from './swift-service.js';
import { readEtag } from './wire.js';

/**
 * Uploads in segments. Swift knows no uploads, only objects and a manifest that puts them together, so that a mark beside the segments
 * says that an upload is under way: https://docs.openstack.org/swift/latest/overview_large_objects.html
 */
export function partsGroup(service: SwiftService): PartsGroup {
  return {
    begin: (ref, request, ctx) => begin(service, ref, request, ctx),
    put: (upload, part, body, ctx) => putPart(service, upload, part, { body, ctx }),
    ...(service.facts.copyRanges && {
      copy: (upload, { number }, source, ctx) => copyPart(service, upload, number, { source, ctx }),
    }),
    list: (upload, _request, ctx) => listParts(service, upload, ctx),
    complete: (upload, parts, request, ctx) => completeUpload(service, upload, parts, { request, ctx }),
    abort: (upload, ctx) => abortUpload(service, upload, ctx),
    listUploads: (container, request, ctx) => listUploads(service, container, request, ctx),
  };
}

async function begin(service: SwiftService, ref: ObjectRef, request: PutRequest, ctx: CallContext): Promise<UploadRef> {
  const { wire, largeObjects } = service;
  // What cannot be stored is refused before the first byte.
  const deleteAt = deleteAtOf(storedHeaders(request), wire.host.nowMs());
  const kind = await chooseKind(service, request, ctx);
  const container = await wire.send(containerCall('HEAD', ref.container), ctx);
  const uploadId = wire.host.randomBytes(12).toString('hex');
  const segments = largeObjects.segmentsContainer(ref.container);
  const state = { segments, kind, ...(deleteAt !== undefined && { deleteAt }) };
  const upload: UploadRef = { ref, uploadId, state };
  const body = Buffer.from(JSON.stringify({ name: baseOf(ref, segments) }));
  const mark = { ...objectCall('PUT', markOf(upload), '', ['content-type', PENDING_TYPE]), body };
  try {
    await wire.send({ ...mark, notFound: 'container-not-found' }, ctx);
  } catch (error) {
    if (!isStorageError(error, 'container-not-found')) throw error;
    const policy = container.header('x-storage-policy');
    const headers = [SEGMENTS_OF, utf8Header(encodeURIComponent(ref.container))];
    if (policy !== undefined) headers.push('x-storage-policy', policy);
    await wire.send({ ...containerCall('PUT', segments, '', headers), conflict: 'container-exists' }, ctx);
    await wire.send({ ...mark, headers: mark.headers.slice(0, 2), notFound: 'container-not-found' }, ctx);
  }
  largeObjects.learn(ref.container);
  return upload;
}

/** A service that tells that it has no static large objects gets dynamic ones. */
async function chooseKind(service: SwiftService, request: PutRequest, ctx: CallContext): Promise<'slo' | 'dlo'> {
  const asked = largeObjectKind(request.provider);
  if (asked === 'dlo') return asked;
  const info = await service.discovery.info(ctx);
  return info === undefined || 'slo' in info ? 'slo' : 'dlo';
}

/** Segments go when their object does. */
function deleteAtOf(headers: readonly string[], nowMs: number): string | undefined {
  const [at, after] = [headers.indexOf('x-delete-at'), headers.indexOf('x-delete-after')];
  if (at !== -1) return headers[at + 1];
  return after === -1 ? undefined : String(Math.ceil(nowMs / 1000) + Number(headers[after + 1]));
}

async function putPart(
  service: SwiftService,
  upload: UploadRef,
  part: { readonly number: number; readonly checksum?: Checksum | undefined },
  { body, ctx }: { readonly body: PutBody; readonly ctx: CallContext },
): Promise<PartResult> {
  const { size } = body;
  if (size === undefined)
    throw new StorageError('unsupported', 'A segment must have a known size.', { requestSent: false });
  const isCompared = part.checksum?.algorithm === 'md5';
  const headers = ['content-type', 'application/octet-stream'];
  if (isCompared) headers.push('etag', part.checksum.value);
  const deleteAt = upload.state?.['deleteAt'];
  if (deleteAt !== undefined) headers.push('x-delete-at', deleteAt);
  const ref = segmentOf(upload, part.number);
  const call = {
    ...objectCall('PUT', ref, '', headers),
    body: body.bytes ?? body,
    notFound: 'upload-not-found' as const,
  };
  const response = await service.wire.send(call, ctx);
  await checkMark(service, upload, ref, ctx);
  const md5 = readEtag(response);
  return { ...partRecord(part.number, size, md5), verified: isCompared ? 'service' : 'none' };
}

type CopySource = Parameters<NonNullable<PartsGroup['copy']>>[2];

/** A copy may take a range of its source, also across the segments of a large one. */
async function copyPart(
  service: SwiftService,
  upload: UploadRef,
  number: number,
  { source, ctx }: { readonly source: CopySource; readonly ctx: CallContext },
): Promise<PartResult> {
  const { ref: from, range, ifMatch } = source;
  const ref = segmentOf(upload, number);
  const headers = ['destination', objectPath(ref), 'x-fresh-metadata', 'true', 'range', rangeHeader(range)];
  if (ifMatch !== undefined) headers.push('if-match', ifMatch === '*' ? ifMatch : `"${ifMatch}"`);
  const deleteAt = upload.state?.['deleteAt'];
  if (deleteAt !== undefined) headers.push('x-delete-at', deleteAt);
  const call = {
    ...objectCall('COPY', from, versionQuery(from), headers),
    precondition: 'precondition-failed' as const,
  };
  const response = await service.wire.send({ ...call, headersTimeoutMs: SLOW_CALL_MS }, ctx);
  await checkMark(service, upload, ref, ctx);
  return { ...partRecord(number, range.end - range.start, readEtag(response)), verified: 'none' };
}

/** A segment that came after its upload was ended is taken away again. Asking after the write leaves no gap. */
async function checkMark(
  service: SwiftService,
  upload: UploadRef,
  segment: ObjectRef,
  ctx: CallContext,
): Promise<void> {
  const { largeObjects } = service;
  try {
    await findMark(service, upload, ctx);
  } catch (error) {
    if (isStorageError(error, 'upload-not-found')) {
      const complaint = `The segment ${segment.container}/${segment.key} could not be deleted`;
      await largeObjects.tidy(complaint, async (tidying) => {
        if (!(await isInUse(service, upload, tidying))) await largeObjects.deletePlain(segment, tidying);
      });
    }
    throw error;
  }
}

async function listParts(service: SwiftService, upload: UploadRef, ctx: CallContext): Promise<PartPage> {
  const [parts] = await Promise.all([storedParts(service, upload, ctx), findMark(service, upload, ctx)]);
  return { parts };
}
