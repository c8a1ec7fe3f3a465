import {
  type CallContext,
  type Checksum,
  isStorageError,
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
import {
  completionDocument,
  parsePartPage,
  parseUploadId,
  parseUploadPage,
  parseWriteResult,
  readPosition,
  unquote,
  writePosition,
} from '@stowage/http';
import type { GcsService } from './gcs-service.js';
import { hashBody, storedHeaders, verificationOf } from './put.js';
import { type GcsCall, SLOW_CALL_MS, withXml, xmlCall } from './requests.js';
import { readHashes, toWrittenRecord } from './wire.js';

/** Parallel parts: https://cloud.google.com/storage/docs/multipart-uploads */
export function partsGroup(service: GcsService): PartsGroup {
  return {
    begin: (ref, request, ctx) => begin(service, ref, request, ctx),
    put: (upload, part, body, ctx) => putPart(service, upload, part, { body, ctx }),
    list: (upload, { token }, ctx) => listParts(service, upload, token, ctx),
    complete: (upload, parts, request, ctx) => complete(service, upload, parts, { request, ctx }),
    async abort(upload, ctx) {
      await service.client.send(uploadCall(service, 'DELETE', upload), ctx).catch(ignoreGone);
    },
    listUploads: (container, request, ctx) => listUploads(service, container, request, ctx),
  };
}

function uploadCall(
  { endpoint }: GcsService,
  method: GcsCall['method'],
  { ref, uploadId }: UploadRef,
  { query = [], headers = [] }: { readonly query?: readonly (string | undefined)[]; readonly headers?: string[] } = {},
): GcsCall {
  const call = xmlCall(endpoint, method, ref, { query: [...query, 'uploadId', uploadId], headers });
  return { ...call, notFound: 'upload-not-found' };
}

async function begin(service: GcsService, ref: ObjectRef, request: PutRequest, ctx: CallContext): Promise<UploadRef> {
  const { client, endpoint } = service;
  const call = xmlCall(endpoint, 'POST', ref, { query: ['uploads', ''], headers: storedHeaders(service, request) });
  const [uploadId] = await client.ask({ ...call, notFound: 'container-not-found' }, ctx, parseUploadId);
  return { ref, uploadId };
}

/** https://cloud.google.com/storage/docs/xml-api/put-object-multipart */
async function putPart(
  service: GcsService,
  upload: UploadRef,
  part: { readonly number: number; readonly checksum?: Checksum | undefined },
  { body, ctx }: { readonly body: PutBody; readonly ctx: CallContext },
): Promise<PartResult> {
  const { size } = body;
  if (size === undefined)
    throw new StorageError('unsupported', 'The size of a part must be known before it is sent; give "size".');
  const sent = hashBody(service, body, part.checksum);
  const headers = [...sent.headers, ...service.encryption.read];
  const call = uploadCall(service, 'PUT', upload, { query: ['partNumber', String(part.number)], headers });
  const request = { ...call, contentHash: sent.contentHash };
  const response = await service.client.send(request, ctx, sent.bytes ?? body);
  const reported = readHashes(response.header('x-goog-hash'));
  const checksum = checksumOfPart(reported, part.checksum);
  const verified = verificationOf(sent.checksum, response);
  const etag = unquote(response.header('etag'));
  return { number: part.number, size, etag, ...(checksum && { checksum }), verified };
}

/** The digest of a part that core sent, else the one that is combined to that of the whole. */
function checksumOfPart(
  reported: Partial<Record<string, string>> | undefined,
  sent: Checksum | undefined,
): Checksum | undefined {
  const algorithm = sent?.algorithm ?? 'crc32c';
  const value = reported?.[algorithm];
  return value === undefined ? undefined : { algorithm, value };
}

async function listParts(
  service: GcsService,
  upload: UploadRef,
  token: string | undefined,
  ctx: CallContext,
): Promise<PartPage> {
  const call = uploadCall(service, 'GET', upload, { query: ['part-number-marker', token] });
  const [page] = await service.client.ask(call, ctx, parsePartPage);
  const parts = page.parts.map(({ number, size, etag }): PartRecord => ({ number, size, etag }));
  return { parts, next: page.isTruncated ? (page.nextPartNumberMarker ?? String(parts.at(-1)?.number)) : undefined };
}

/** https://cloud.google.com/storage/docs/xml-api/post-object-complete: it takes no conditions. */
async function complete(
  service: GcsService,
  upload: UploadRef,
  parts: readonly PartRecord[],
  { request, ctx }: { readonly request: PutRequest; readonly ctx: CallContext },
): Promise<PutResult> {
  if (request.ifMatch !== undefined || request.ifNoneMatch !== undefined)
    throw new StorageError(
      'unsupported',
      'Google Cloud Storage takes no condition for an upload in parts; use "uploads": "session".',
      { requestSent: false },
    );
  const call = uploadCall(service, 'POST', upload, { headers: [...service.encryption.read] });
  const completion = { ...withXml(call, completionDocument(parts)), headersTimeoutMs: SLOW_CALL_MS };
  const [, response] = await service.client.ask(completion, ctx, parseWriteResult);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  return { record: toWrittenRecord(upload.ref.key, size, response), verified: 'none' };
}

/** https://cloud.google.com/storage/docs/xml-api/get-bucket-uploads */
async function listUploads(
  { client, endpoint }: GcsService,
  container: string,
  { prefix, token }: { readonly prefix?: string | undefined; readonly token?: string | undefined },
  ctx: CallContext,
): Promise<UploadPage> {
  const after = readPosition(token);
  const query = [
    ...['uploads', ''],
    ...['encoding-type', 'url'],
    ...['prefix', prefix],
    ...['key-marker', after.key],
    ...['upload-id-marker', after.id],
  ];
  const [page] = await client.ask(xmlCall(endpoint, 'GET', { container }, { query }), ctx, parseUploadPage);
  const uploads = page.uploads.map(({ key, uploadId, startedAtMs }) => ({
    ref: { container, key },
    uploadId,
    startedAtMs,
  }));
  const last = page.uploads.at(-1);
  const position = { key: last?.key ?? page.nextKeyMarker, id: last?.uploadId ?? page.nextUploadIdMarker };
  return { uploads, next: page.isTruncated ? writePosition(position) : undefined };
}

function ignoreGone(error: unknown): void {
  if (!isStorageError(error, 'upload-not-found')) throw error;
}
