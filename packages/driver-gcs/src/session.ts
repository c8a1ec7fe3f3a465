import { Readable } from 'node:stream';
import {
  type CallContext,
  type ObjectRef,
  type PartPage,
  type PartRecord,
  type PartResult,
  type PartsGroup,
  type PutBody,
  type PutRequest,
  type PutResult,
  StorageError,
  type UploadRef,
} from '@stowage/core/spi';
import { asObjectExists, UNSIGNED_PAYLOAD, type WireBody, type WireResponse } from '@stowage/http';
import { writeConditionHeaders } from './conditions.js';
import type { GcsService } from './gcs-service.js';
import { hashBody, storedHeaders, verificationOf } from './put.js';
import { type GcsCall, SLOW_CALL_MS, xmlCall } from './requests.js';
import { toWrittenRecord } from './wire.js';

/** Google keeps whole pieces of this size of an upload that goes on. */
const QUANTUM_BYTES = 256 * 1024;

/**
 * One part after the other to a resumable session, whose URI is the upload's id: whoever knows it may go on with this upload for a week.
 * Google makes the object as soon as it has the last byte, so that what follows the last whole quantum goes with `complete`: until then it
 * stands in the etag of the last part. https://cloud.google.com/storage/docs/resumable-uploads
 */
export function sessionGroup(service: GcsService): PartsGroup {
  return {
    begin: (ref, request, ctx) => begin(service, ref, request, ctx),
    put: (upload, part, body, ctx) => putPart(service, upload, part, { body, ctx }),
    list: (upload, _request, ctx) => list(service, upload, ctx),
    complete: (upload, parts, request, ctx) => complete(service, upload, parts, { request, ctx }),
    abort: (upload, ctx) => abort(service, upload, ctx),
    // Sessions are known to nobody but who began them, and end by themselves.
    listUploads: () => Promise.resolve({ uploads: [] }),
  };
}

/** https://cloud.google.com/storage/docs/xml-api/post-object-resumable */
async function begin(service: GcsService, ref: ObjectRef, request: PutRequest, ctx: CallContext): Promise<UploadRef> {
  const { client, endpoint } = service;
  const headers = ['x-goog-resumable', 'start', ...storedHeaders(service, request), ...writeConditionHeaders(request)];
  const call = { ...xmlCall(endpoint, 'POST', ref, { headers }), body: Buffer.alloc(0) };
  try {
    const response = await client.send({ ...call, notFound: 'container-not-found' }, ctx);
    return { ref, uploadId: sessionPath(response.header('location') ?? '') };
  } catch (error) {
    throw asObjectExists(error, request);
  }
}

/** Path and query of a session's URI: it is only ever asked at the driver's own endpoint. */
function sessionPath(location: string): string {
  const path = location.replace(/^https?:\/\/[^/]*/i, '');
  if (path.startsWith('/') && path.includes('upload_id=')) return path;
  throw new StorageError('unknown', 'The service began an upload and gave no address to send it to.');
}

function sessionCall(service: GcsService, method: 'PUT' | 'DELETE', { uploadId }: UploadRef, range?: string): GcsCall {
  // The id comes from a token, which may come from anywhere.
  if (!/^\/[\x21-\x7e]*[?&]upload_id=[\x21-\x7e]+$/.test(uploadId))
    throw new StorageError('invalid-argument', 'The upload was not begun by a session of Google Cloud Storage.');
  return {
    method,
    path: uploadId,
    headers: range === undefined ? [] : ['content-range', range],
    want: 'bytes',
    contentHash: UNSIGNED_PAYLOAD,
    notFound: 'upload-not-found',
  };
}

async function putPart(
  service: GcsService,
  upload: UploadRef,
  part: { readonly number: number; readonly offset: number; readonly last?: boolean },
  { body, ctx }: { readonly body: PutBody; readonly ctx: CallContext },
): Promise<PartResult> {
  const { size } = body;
  if (size === undefined)
    throw new StorageError('unsupported', 'The size of a part must be known before it is sent; give "size".');
  const { number, offset } = part;
  const end = offset + size;
  const keptEnd = end - (end % QUANTUM_BYTES);
  const sent = splitBody(body, Math.max(0, keptEnd - offset));
  const range = sent.bytes > 0 ? `bytes ${String(offset)}-${String(offset + sent.bytes - 1)}/*` : 'bytes */*';
  const call = sessionCall(service, 'PUT', upload, range);
  const tail = sent.bytes === 0 ? await sent.tail() : undefined;
  const response = await service.client.sendBare(call, ctx, sent.head);
  const stored = storedBytes(service, call, response);
  if (stored < Math.min(keptEnd, offset + sent.bytes)) {
    const message = `Of the bytes up to ${String(keptEnd)} the service has stored ${String(stored)}; the part is sent again.`;
    throw new StorageError('unavailable', message, { status: response.status, requestSent: true });
  }
  const rest = tail ?? (await sent.tail());
  return { number, size, ...(rest.length > 0 && { etag: rest.toString('base64') }), verified: 'none' };
}

/** Bytes that the service has of an upload that goes on. Throws what any other answer means. */
function storedBytes({ client }: GcsService, call: GcsCall, response: WireResponse): number {
  if (response.ok) throw new StorageError('upload-not-found', 'The upload was completed.', { status: response.status });
  if (response.status !== 308) throw client.refusal(response, call);
  const match = /^bytes=0-(\d{1,15})$/.exec(response.header('range') ?? '');
  return match ? Number(match[1]) + 1 : 0;
}

/** What a session has, as one part: https://cloud.google.com/storage/docs/performing-resumable-uploads#status-check */
async function list(service: GcsService, upload: UploadRef, ctx: CallContext): Promise<PartPage> {
  const call = sessionCall(service, 'PUT', upload, 'bytes */*');
  const response = await service.client.sendBare(call, ctx, Buffer.alloc(0));
  const size = storedBytes(service, call, response);
  return { parts: size === 0 ? [] : [{ number: 1, size }] };
}

/** Sends what is behind the last whole quantum, and with it the digest of the whole where it is known. */
async function complete(
  service: GcsService,
  upload: UploadRef,
  parts: readonly PartRecord[],
  { request, ctx }: { readonly request: PutRequest; readonly ctx: CallContext },
): Promise<PutResult> {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const tail = Buffer.from(parts.at(-1)?.etag ?? '', 'base64');
  const from = size - tail.length;
  const range = tail.length > 0 ? `${String(from)}-${String(size - 1)}` : '*';
  const call = sessionCall(service, 'PUT', upload, `bytes ${range}/${String(size)}`);
  const sent = hashBody(service, { size: 0, replayable: true, open: () => Readable.from([]) }, request.checksum);
  call.headers.push(...sent.headers);
  try {
    const response = await service.client.sendBare({ ...call, headersTimeoutMs: SLOW_CALL_MS }, ctx, tail);
    if (!response.ok) {
      const stored = storedBytes(service, call, response);
      const message = `The service has ${String(stored)} of ${String(size)} bytes; refresh the upload and send the rest.`;
      throw new StorageError('invalid-argument', message, { status: response.status });
    }
    const record = toWrittenRecord(upload.ref.key, size, response);
    return { record, verified: verificationOf(sent.checksum, response) };
  } catch (error) {
    throw asObjectExists(error, request);
  }
}

/** https://cloud.google.com/storage/docs/performing-resumable-uploads#cancel-upload: 499 says that it is done. */
async function abort(service: GcsService, upload: UploadRef, ctx: CallContext): Promise<void> {
  const call = sessionCall(service, 'DELETE', upload);
  const response = await service.client.sendBare(call, ctx, Buffer.alloc(0));
  const isGone = response.ok || [404, 410, 499].includes(response.status);
  if (!isGone) throw service.client.refusal(response, call);
}

/** A body of which the first bytes are sent now, and the others later. */
interface SplitBody {
  /** Bytes of the head. */
  readonly bytes: number;
  readonly head: Buffer | WireBody;
  /** What follows; only after the head was sent, or where it is empty. */
  tail(): Promise<Buffer>;
}

function splitBody(body: PutBody & { readonly size?: number | undefined }, bytes: number): SplitBody {
  const { bytes: whole } = body;
  if (whole) return { bytes, head: whole.subarray(0, bytes), tail: () => Promise.resolve(whole.subarray(bytes)) };
  if (bytes === body.size) return { bytes, head: body, tail: () => Promise.resolve(Buffer.alloc(0)) };
  const rest: Buffer[] = [];
  const open = (): AsyncIterable<Buffer> => headOf(body.open(), bytes, rest);
  const tail = async (): Promise<Buffer> => {
    if (bytes === 0) for await (const _ of open());
    return Buffer.concat(rest);
  };
  return { bytes, head: bytes === 0 ? Buffer.alloc(0) : { size: bytes, open: () => Readable.from(open()) }, tail };
}

/** Gives the first bytes of a stream when all of it was read, so that nothing is sent of one that fails in its last chunk. */
async function* headOf(stream: Readable, bytes: number, rest: Buffer[]): AsyncIterable<Buffer> {
  rest.length = 0;
  let left = bytes;
  let held: Buffer | undefined;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const head = chunk.subarray(0, left);
    left -= head.length;
    if (head.length < chunk.length) rest.push(chunk.subarray(head.length));
    if (head.length === 0) continue;
    if (held) yield held;
    held = head;
  }
  if (held) yield held;
}
