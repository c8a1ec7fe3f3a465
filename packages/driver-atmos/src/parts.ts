import {
  type CallContext,
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
import { OCTETS } from './client.js';
import { refuseProviderOptions } from './containers.js';
import { listPage } from './directory.js';
import { isRefusal } from './errors.js';
import { install } from './install.js';
import { PRIVATE } from './names.js';
import { containerPath, privatePath, utf8Headers } from './paths.js';
import { oidOf, withKey } from './put.js';
import type { AtmosService } from './service.js';
import { attributeHeaders, PART_TAG, readTags, writeTags } from './tag-headers.js';
import { sortTags } from './wire.js';

/**
 * An upload is a file under a private name that grows by one range after the other and is renamed when it is whole. A tag says which
 * part was the last, since a part that broke off leaves some of its bytes.
 */
export function partsGroup(service: AtmosService): PartsGroup {
  return {
    begin: (ref, request, ctx) => begin(service, ref, request, ctx),
    put: (upload, part, body, ctx) => putPart(service, upload, part, body, ctx),
    list: (upload, _request, ctx) => listParts(service, upload, ctx),
    complete: (upload, parts, request, ctx) => complete(service, upload, parts, request, ctx),
    async abort(upload, ctx) {
      const call = { method: 'DELETE', notFound: 'upload-not-found' } as const;
      await service.client.send({ ...call, resource: pathOf(upload) }, ctx).catch((error: unknown) => {
        if (!isStorageError(error, 'upload-not-found')) throw error;
      });
    },
    listUploads: (container, request, ctx) => listUploads(service, container, request, ctx),
  };
}

/** Throws `invalid-argument` for an id that is none of ours: it becomes part of a path. */
function pathOf({ ref, uploadId }: UploadRef): string {
  if (/^[pu]-[0-9a-f]{32}$/.test(uploadId)) return privatePath(ref.container, uploadId);
  throw new StorageError('invalid-argument', 'The upload id is none that this driver gave.');
}

async function begin(service: AtmosService, ref: ObjectRef, request: PutRequest, ctx: CallContext): Promise<UploadRef> {
  refuseProviderOptions(request.provider);
  const { client, facts } = service;
  await service.containers.stat(ref.container, ctx);
  const uploadId = `u-${client.host.randomBytes(16).toString('hex')}`;
  const contentType = request.contentType ?? OCTETS;
  const headers = withKey(attributeHeaders(request, [], facts.utf8), ref.key, facts.utf8);
  const call = { method: 'POST', notFound: 'container-not-found' } as const;
  const response = await client.send(
    { ...call, resource: privatePath(ref.container, uploadId), contentType, headers },
    ctx,
  );
  const oid = oidOf(response);
  return { ref, uploadId, state: { contentType, ...(oid !== undefined && { oid }) } };
}

async function putPart(
  service: AtmosService,
  upload: UploadRef,
  { number, offset }: { readonly number: number; readonly offset: number },
  body: PutBody,
  ctx: CallContext,
): Promise<PartResult> {
  const { size } = body;
  if (size === undefined) throw new StorageError('unsupported', 'Atmos takes no part of unknown size.');
  const { client, facts } = service;
  const tag = writeTags([[PART_TAG, `${String(number)}:${String(offset)}:${String(size)}`]], facts.utf8);
  const headers = ['x-emc-meta', tag, ...utf8Headers(service)];
  // The first part replaces whatever an attempt before it left; a part without bytes changes nothing but the tag.
  const isRange = offset > 0 && size > 0;
  const range = isRange ? `bytes=${String(offset)}-${String(offset + size - 1)}` : undefined;
  const path = pathOf(upload);
  const contentType = upload.state?.['contentType'] ?? OCTETS;
  const call = { contentType, headers, notFound: 'upload-not-found' } as const;
  if (offset > 0 && size === 0)
    await client.send({ ...call, method: 'POST', resource: path, query: 'metadata/user' }, ctx);
  else await client.send({ ...call, method: 'PUT', resource: path, range, body }, ctx);
  return { number, size, verified: 'none' };
}

/** Bytes that the store has, and the last part that was begun. */
interface Progress {
  readonly size: number;
  readonly last: { readonly number: number; readonly offset: number; readonly size: number } | undefined;
}

async function look(service: AtmosService, upload: UploadRef, ctx: CallContext): Promise<Progress> {
  const call = { method: 'HEAD', notFound: 'upload-not-found', headers: utf8Headers(service) } as const;
  const response = await service.client.send({ ...call, resource: pathOf(upload) }, ctx);
  const { system, own } = sortTags(readTags(response.header('x-emc-meta'), service.facts.utf8));
  const [number, offset, size] = (own[PART_TAG] ?? '').split(':').map(Number);
  const isTold = number !== undefined && offset !== undefined && size !== undefined;
  return { size: Number(system.get('size') ?? 0), last: isTold ? { number, offset, size } : undefined };
}

/** All parts but the last have one size, so that the last one's number and offset tell them all. */
async function listParts(service: AtmosService, upload: UploadRef, ctx: CallContext): Promise<PartPage> {
  const { size, last } = await look(service, upload, ctx);
  if (!last) return { parts: [] };
  const before = last.number - 1;
  const each = before > 0 ? last.offset / before : 0;
  const parts: PartRecord[] = Array.from({ length: before }, (_, index) => ({ number: index + 1, size: each }));
  if (size >= last.offset + last.size) parts.push({ number: last.number, size: last.size });
  return { parts };
}

async function complete(
  service: AtmosService,
  upload: UploadRef,
  parts: readonly PartRecord[],
  request: PutRequest,
  ctx: CallContext,
): Promise<PutResult> {
  const { ref, state } = upload;
  const path = pathOf(upload);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const there = await look(service, upload, ctx);
  if (there.size !== size) throw notWhole(there.size, size);
  const { checksum } = request;
  if (checksum?.algorithm === 'md5' || checksum?.algorithm === 'sha1') {
    const headers = ['x-emc-meta', writeTags([[checksum.algorithm, checksum.value]], service.facts.utf8)];
    headers.push(...utf8Headers(service));
    const call = { method: 'POST', query: 'metadata/user', contentType: OCTETS, notFound: 'upload-not-found' } as const;
    await service.client.send({ ...call, resource: path, headers }, ctx);
  }
  await install(service, { path, oid: state?.['oid'] }, ref, request.ifNoneMatch === undefined, ctx);
  const checksums = checksum ? { [checksum.algorithm]: checksum.value } : undefined;
  return { record: { key: ref.key, size, ...(checksums && { checksums }) }, verified: 'none' };
}

/** A file cannot be made shorter: what a longer part left behind stays. */
function notWhole(there: number, sent: number): StorageError {
  const message = `The store holds ${String(there)} bytes of the upload, and its parts have ${String(sent)}; abort it and begin anew.`;
  return new StorageError('checksum-mismatch', message, { retryable: false });
}

/** Begun uploads, and what puts of killed processes left; both can be aborted. */
async function listUploads(
  service: AtmosService,
  container: string,
  { prefix = '', token }: { readonly prefix?: string | undefined; readonly token?: string | undefined },
  ctx: CallContext,
): Promise<UploadPage> {
  try {
    const page = await listPage(service, `${containerPath(container)}${PRIVATE}/`, { token }, ctx);
    const uploads = page.entries.flatMap(({ name, key, isDirectory, createdAtMs, size }) => {
      if (isDirectory || key === undefined || !key.startsWith(prefix)) return [];
      const state = { contentType: OCTETS };
      return [{ ref: { container, key }, uploadId: name, state, startedAtMs: createdAtMs, extra: { bytes: size } }];
    });
    return { uploads, next: page.next };
  } catch (error) {
    if (!isRefusal(error, 1003)) throw error;
    await service.containers.stat(container, ctx);
    return { uploads: [] };
  }
}
