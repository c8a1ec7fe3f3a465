import { type CallContext, type Checksum, isStorageError, type PartRecord, type UploadRef } from '@stowage/core/spi';
import type { NimbusClient } from './client.js';
import { nextMarker } from './containers.js';
import { RESERVED_PREFIX } from './keys.js';
import { PLACEHOLDER } from './put.js';
import { listCall, listingArgument, storedCall } from './requests.js';
import { readKeyPage } from './wire.js';

/**
 * The server does not tell which parts of an upload it has, nor whether an upload is still open. So both are noted in the collection
 * itself, in objects of one byte under keys that no object of Stowage has: `!75pload/<id>/open`, and
 * `!75pload/<id>/<number>.<size>.<md5>` for each part. They go when the upload is completed or aborted.
 */
export interface PartMark extends PartRecord {
  /** The key of the mark. */
  readonly stored: string;
}

const PART = /^(\d{1,9})\.(\d{1,16})\.([0-9a-f]{32}|-)$/;
const AT_ONCE = 8;

function folderOf({ uploadId }: UploadRef): string {
  return `${RESERVED_PREFIX}${uploadId}/`;
}

async function write(client: NimbusClient, upload: UploadRef, name: string, ctx: CallContext): Promise<void> {
  const call = storedCall('POST', upload.ref.container, folderOf(upload) + name);
  await client.send({ ...call, body: PLACEHOLDER, notFound: 'container-not-found' }, ctx);
}

export function markOpen(client: NimbusClient, upload: UploadRef, ctx: CallContext): Promise<void> {
  return write(client, upload, 'open', ctx);
}

/** Throws `upload-not-found` for an upload that this driver did not begin, or that was completed or aborted. */
export async function checkOpen(client: NimbusClient, upload: UploadRef, ctx: CallContext): Promise<void> {
  const call = storedCall('HEAD', upload.ref.container, `${folderOf(upload)}open`);
  await client.send({ ...call, notFound: 'upload-not-found' }, ctx);
}

export async function isOpen(client: NimbusClient, upload: UploadRef, ctx: CallContext): Promise<boolean> {
  try {
    await checkOpen(client, upload, ctx);
    return true;
  } catch (error) {
    if (isStorageError(error, 'upload-not-found')) return false;
    throw error;
  }
}

export function markPart(client: NimbusClient, upload: UploadRef, part: PartRecord, ctx: CallContext): Promise<void> {
  const { number, size, checksum } = part;
  const name = `${String(number)}.${String(size)}.${checksum?.algorithm === 'md5' ? checksum.value : '-'}`;
  return write(client, upload, name, ctx);
}

/** One page of the parts that were noted, or of the marks of one part. */
export async function readMarks(
  client: NimbusClient,
  upload: UploadRef,
  which: { readonly number?: number; readonly token?: string | undefined },
  ctx: CallContext,
): Promise<{ readonly marks: readonly PartMark[]; readonly next: string | undefined }> {
  const folder = folderOf(upload);
  const prefix = which.number === undefined ? folder : `${folder}${String(which.number)}.`;
  const { token } = which;
  // An id may hold `_`, which is a wildcard: keys of other uploads are left out here.
  const call = listCall(upload.ref.container, '/data/', [
    listingArgument('prefix', literalPart(prefix)),
    token === undefined ? undefined : listingArgument('marker', token),
  ]);
  const page = await client.ask(call, ctx, readKeyPage);
  const marks = page.rows.flatMap(({ stored }) => toMark(stored, prefix, folder));
  return { marks, next: nextMarker(page) };
}

function literalPart(prefix: string): string {
  return /^[^%_\\]*/.exec(prefix)?.[0] ?? '';
}

function toMark(stored: string, prefix: string, folder: string): PartMark[] {
  const match = stored.startsWith(prefix) ? PART.exec(stored.slice(folder.length)) : null;
  if (!match) return [];
  const [, number, size, md5] = match;
  const checksum: Checksum | undefined = md5 === '-' ? undefined : { algorithm: 'md5', value: md5 as string };
  return [{ stored, number: Number(number), size: Number(size), ...(checksum && { checksum }) }];
}

export async function allMarks(client: NimbusClient, upload: UploadRef, ctx: CallContext): Promise<PartMark[]> {
  const all: PartMark[] = [];
  let token: string | undefined;
  do {
    const { marks, next } = await readMarks(client, upload, { token }, ctx);
    all.push(...marks);
    token = next;
  } while (token !== undefined);
  return all;
}

/** Forgets an upload: that it is open first, so that nobody goes on with it. */
export async function removeMarks(client: NimbusClient, upload: UploadRef, ctx: CallContext): Promise<void> {
  await removeMark(client, upload, `${folderOf(upload)}open`, ctx);
  const queue = (await allMarks(client, upload, ctx)).values();
  const worker = async (): Promise<void> => {
    for (const { stored } of queue) await removeMark(client, upload, stored, ctx);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

export async function removeMark(
  client: NimbusClient,
  { ref }: UploadRef,
  stored: string,
  ctx: CallContext,
): Promise<void> {
  await client.send(storedCall('DELETE', ref.container, stored), ctx);
}
