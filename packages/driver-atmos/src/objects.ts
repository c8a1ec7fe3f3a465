import {
  type CallContext,
  checkReadable,
  type ObjectRecord,
  type ObjectRef,
  type ReadRequest,
  type ReadResult,
  type StatRequest,
  StorageError,
  type StorageDriver,
} from '@stowage/core/spi';
import { rangeHeader, readContentRange } from '@stowage/http';
import type { AtmosCall } from './client.js';
import { refuseProviderOptions } from './containers.js';
import { deleteObject } from './delete.js';
import { isDirectoryThere } from './errors.js';
import { atObject, utf8Headers } from './paths.js';
import { putObject } from './put.js';
import type { AtmosService } from './service.js';
import { toObjectRecord } from './wire.js';

type ObjectCalls = Pick<StorageDriver, 'stat' | 'read' | 'put' | 'delete'>;

/** Objects and their bytes. */
export function objectCalls(service: AtmosService): ObjectCalls {
  return {
    stat: (ref, request, ctx) => statObject(service, ref, request, ctx),
    read: (ref, request, ctx) => readObject(service, ref, request, ctx),
    put: (ref, body, request, ctx) => putObject(service, ref, { body, request, ctx }),
    delete: (ref, request, ctx) => deleteObject(service, ref, request, ctx),
  };
}

async function statObject(
  service: AtmosService,
  ref: ObjectRef,
  request: StatRequest,
  ctx: CallContext,
): Promise<ObjectRecord> {
  refuseVersion(ref);
  refuseProviderOptions(request.provider);
  const { record } = await headObject(service, ref, ctx);
  checkReadable(ref, record, request);
  return record;
}

/** The facts of an object and where it is. HEAD tells by its status alone what is wrong: two bad requests are a path through a file. */
export async function headObject(
  service: AtmosService,
  ref: ObjectRef,
  ctx: CallContext,
): Promise<{ readonly record: ObjectRecord; readonly path: string }> {
  const headers = utf8Headers(service);
  try {
    return await atObject(ref, async (path) => {
      const head: AtmosCall = { method: 'HEAD', resource: path, headers, notFound: 'object-not-found' };
      const response = await service.client.send(head, ctx);
      return { record: toObjectRecord(ref.key, response, service.facts, true), path };
    });
  } catch (error) {
    if (!isDirectoryThere(error)) throw error;
    throw new StorageError('object-not-found', 'There is no such object.', { status: 400, cause: error });
  }
}

async function readObject(
  service: AtmosService,
  ref: ObjectRef,
  request: ReadRequest,
  ctx: CallContext,
): Promise<ReadResult> {
  refuseVersion(ref);
  refuseProviderOptions(request.provider);
  const callAt = (resource: string): AtmosCall => ({
    method: 'GET',
    resource,
    headers: utf8Headers(service),
    want: request.want,
    // Lower case, so that clients and servers that sign it so agree.
    range: request.range && rangeHeader(request.range),
    notFound: 'object-not-found',
  });
  const response = await atObject(ref, (path) => service.client.send(callAt(path), ctx));
  const { stream, bytes } = response;
  try {
    const record = toObjectRecord(ref.key, response, service.facts, false);
    // The store has no conditions: they are checked against the answer itself, so that nothing can come between.
    checkReadable(ref, record, request);
    const range = readContentRange(response, record.size);
    return stream ? { record, range, stream } : { record, range, bytes };
  } catch (error) {
    stream?.on('error', () => undefined).destroy();
    throw error;
  }
}

/** Versions of Atmos are objects without a key. */
export function refuseVersion({ versionId }: ObjectRef): void {
  if (versionId === undefined) return;
  throw new StorageError('unsupported', 'Versions of Atmos are made and read by hand: see "versions" of sdk().');
}
