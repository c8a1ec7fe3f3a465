import {
  type CallContext,
  type Checksum,
  isStorageError,
  type ObjectRef,
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
import type { NimbusClient } from './client.js';
import { metadataQuery } from './facts.js';
import { fromStoredKey } from './keys.js';
import { allMarks, checkOpen, isOpen, markOpen, markPart, readMarks, removeMark, removeMarks } from './marks.js';
import { newEtag, PLACEHOLDER, prepareBody } from './put.js';
import { archiveCall, conjoinedCall, listCall, partQuery } from './requests.js';
import { type NimbusService, refuseProviderOptions } from './service.js';
import { takeSnapshot } from './stat.js';
import { readConjoinedPage, readUploadId } from './wire.js';

/** The server pages through its list of uploads wrongly: it is asked for all that ever were, at once. */
const MOST_UPLOADS = 100_000;

/** Numbers of the parts that were sent, for uploads that this process began and has not asked about since. */
type SentParts = WeakMap<UploadRef, Set<number>>;

/** Conjoined archives. */
export function partsGroup({ client }: NimbusService): PartsGroup {
  const sent: SentParts = new WeakMap();
  return {
    async begin(ref, request, ctx) {
      const upload = await begin(client, ref, request, ctx);
      sent.set(upload, new Set());
      return upload;
    },
    put: (upload, part, body, ctx) => putPart(client, upload, part, { body, ctx, sent }),
    async list(upload, { token }, ctx) {
      sent.delete(upload);
      if (token === undefined) await checkOpen(client, upload, ctx);
      const { marks, next } = await readMarks(client, upload, { token }, ctx);
      return { parts: marks.map(({ stored: _, ...part }) => part), next };
    },
    complete: (upload, parts, _request, ctx) => complete(client, upload, parts, ctx),
    async abort(upload, ctx) {
      sent.delete(upload);
      await abort(client, upload, ctx);
    },
    listUploads: (container, request, ctx) => listUploads(client, container, request, ctx),
  };
}

async function begin(client: NimbusClient, ref: ObjectRef, request: PutRequest, ctx: CallContext): Promise<UploadRef> {
  refuseProviderOptions(request.provider);
  const facts = { size: undefined, md5: undefined, crc32: undefined, modifiedAtMs: undefined, etag: newEtag(client) };
  // All parts bear the metadata of the object: the server reads those of any.
  const query = metadataQuery(facts, request);
  const uploadId = await client.ask(conjoinedCall(ref, 'start'), ctx, readUploadId);
  const upload = { ref, uploadId, state: { etag: facts.etag, query } };
  try {
    await markOpen(client, upload, ctx);
  } catch (error) {
    await client.send(conjoinedCall(ref, 'abort', uploadId), ctx).catch(() => undefined);
    throw error;
  }
  return upload;
}

const SAFE_QUERY = /^__nimbus_io__[\w.~%-]+=[\w.~%-]*(?:&__nimbus_io__[\w.~%-]+=[\w.~%-]*)*$/;

/** What a token says is put into an address: it comes from outside. */
function stateOf({ uploadId, state }: UploadRef): { readonly etag: string; readonly query: string } {
  const { etag, query } = state ?? {};
  const isOurs = /^[\w-]{12,64}$/.test(etag ?? '') && SAFE_QUERY.test(query ?? '') && /^[\w-]{1,128}$/.test(uploadId);
  if (isOurs && etag !== undefined && query !== undefined) {
    try {
      decodeURIComponent(query);
      return { etag, query };
    } catch {
      // No escapes of UTF-8.
    }
  }
  throw new StorageError('invalid-argument', 'The upload is none that this driver began; begin a new one.');
}

async function putPart(
  client: NimbusClient,
  upload: UploadRef,
  part: { readonly number: number; readonly checksum?: Checksum | undefined },
  { body, ctx, sent: sentParts }: { readonly body: PutBody; readonly ctx: CallContext; readonly sent: SentParts },
): Promise<PartResult> {
  const { number } = part;
  const { query } = stateOf(upload);
  const before = sentParts.get(upload);
  if (!before) await checkOpen(client, upload, ctx);
  if (!before || before.has(number) || ctx.attempt > 1) await clearPart(client, upload, number, ctx);
  before?.add(number);
  const sent = prepareBody(body, part.checksum);
  const { size, verified } = sent;
  if (size > 0) await client.send(archiveCall(upload.ref, `${partQuery(upload, number)}&${query}`, sent), ctx);
  const checksum = part.checksum?.algorithm === 'md5' ? part.checksum : undefined;
  const record: PartRecord = { number, size, ...(checksum && { checksum }) };
  await markPart(client, upload, record, ctx);
  return { ...record, verified };
}

const WRONG_MD5 = Buffer.alloc(16).toString('base64');

/**
 * Takes a part away that may have been sent before. Sent again, it would be in the object twice: the server replaces none. But when a
 * part arrives damaged, it cancels whatever it has under this number, so that is what it is sent.
 */
async function clearPart(client: NimbusClient, upload: UploadRef, number: number, ctx: CallContext): Promise<void> {
  const damaged = { headers: ['content-md5', WRONG_MD5], body: PLACEHOLDER };
  try {
    await client.send(archiveCall(upload.ref, partQuery(upload, number), damaged), ctx);
  } catch (error) {
    if (!isStorageError(error, 'checksum-mismatch')) throw error;
    const { marks } = await readMarks(client, upload, { number }, ctx);
    for (const { stored } of marks) await removeMark(client, upload, stored, ctx);
    return;
  }
  const message =
    'The server does not compare Content-MD5, so that no part can be sent twice. Abort the upload and begin anew.';
  throw new StorageError('unsupported', message);
}

async function complete(
  client: NimbusClient,
  upload: UploadRef,
  parts: readonly PartRecord[],
  ctx: CallContext,
): Promise<PutResult> {
  const { ref, uploadId } = upload;
  await checkOpen(client, upload, ctx);
  await keepOnly(client, upload, parts, ctx);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (size === 0) await sendPlaceholder(client, upload, ctx);
  await client.send(conjoinedCall(ref, 'finish', uploadId), ctx);
  const record = await recordOf(client, upload, ctx);
  await removeMarks(client, upload, ctx).catch(() => {
    client.host.warn(`Notes of the upload of "${ref.key}" could not be deleted; sweepUploads() does not find them.`);
  });
  return { record: { ...record, versionId: uploadId }, verified: 'none' };
}

/** The object is to have these parts and no others that were sent. */
async function keepOnly(
  client: NimbusClient,
  upload: UploadRef,
  parts: readonly PartRecord[],
  ctx: CallContext,
): Promise<void> {
  const marks = await allMarks(client, upload, ctx);
  const there = new Set(marks.map(({ number }) => number));
  const wanted = new Set(parts.map(({ number }) => number));
  const missing = parts.find(({ number }) => !there.has(number));
  const first = parts.find(({ number }) => number === 1);
  if (missing || !first) {
    const what = missing ? `Part ${String(missing.number)} was not sent` : 'There is no part 1';
    throw new StorageError('invalid-argument', `${what}; send it, or abort the upload.`);
  }
  if (first.size === 0 && parts.length > 1)
    throw new StorageError(
      'invalid-argument',
      'Part 1 is empty and others follow, which the server cannot put together.',
    );
  for (const number of there) if (!wanted.has(number)) await clearPart(client, upload, number, ctx);
}

/** An archive needs a part, and parts need a byte. */
async function sendPlaceholder(client: NimbusClient, upload: UploadRef, ctx: CallContext): Promise<void> {
  const { etag, query } = stateOf(upload);
  const facts = { size: 0, md5: undefined, crc32: undefined, etag, modifiedAtMs: client.nowMs() };
  const attributes = query.split('&').slice(1);
  await clearPart(client, upload, 1, ctx);
  const all = [partQuery(upload, 1), metadataQuery(facts, {}), ...attributes].join('&');
  await client.send(archiveCall(upload.ref, all, { headers: [], body: PLACEHOLDER }), ctx);
}

/** The server shows what was begun last, not what was completed last: whether that is this upload is looked at. */
async function recordOf(client: NimbusClient, upload: UploadRef, ctx: CallContext) {
  const { etag } = stateOf(upload);
  const now = await takeSnapshot(client, upload.ref, ctx).catch((error: unknown) => {
    if (isStorageError(error, 'object-not-found')) return undefined;
    throw error;
  });
  if (now?.record.etag === etag) return now.record;
  const what = now ? 'replaced' : 'deleted';
  const message = `The object was ${what} while the upload was under way, and Nimbus.io keeps what was begun last: the upload is lost.`;
  throw new StorageError('precondition-failed', message);
}

/** An abort would also take away what was completed: it is sent only for what is open. */
async function abort(client: NimbusClient, upload: UploadRef, ctx: CallContext): Promise<void> {
  const { ref, uploadId } = upload;
  const isOurs = await isOpen(client, upload, ctx);
  if (!isOurs && !(await isPending(client, upload, ctx))) return;
  await client.send(conjoinedCall(ref, 'abort', uploadId), ctx);
  if (isOurs) await removeMarks(client, upload, ctx);
}

/** Whether the server knows of an upload that was begun by another client and has not ended. */
async function isPending(client: NimbusClient, { ref, uploadId }: UploadRef, ctx: CallContext): Promise<boolean> {
  const rows = await pendingUploads(client, ref.container, ctx);
  return rows.some((row) => row.uploadId === uploadId);
}

async function pendingUploads(client: NimbusClient, container: string, ctx: CallContext) {
  const call = listCall(container, '/conjoined/', [`max_conjoined=${String(MOST_UPLOADS)}`]);
  const { rows, isTruncated } = await client.ask(call, ctx, readConjoinedPage);
  if (!isTruncated) return rows.filter(({ isPending: pending }) => pending);
  const message = `There were more than ${String(MOST_UPLOADS)} uploads in parts, and the server cannot list the others.`;
  throw new StorageError('unsupported', message);
}

async function listUploads(
  client: NimbusClient,
  container: string,
  { prefix = '' }: { readonly prefix?: string | undefined },
  ctx: CallContext,
): Promise<UploadPage> {
  const rows = await pendingUploads(client, container, ctx);
  const uploads = rows.flatMap(({ stored, uploadId, startedAtMs }) => {
    const key = fromStoredKey(stored);
    return key?.startsWith(prefix) ? [{ ref: { container, key }, uploadId, startedAtMs }] : [];
  });
  return { uploads };
}
