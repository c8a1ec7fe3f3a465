import type { CallContext, ObjectRef, PutBody, PutRequest, PutResult, StorageDriver } from '@stowage/core/spi';
import { countedBody } from '@stowage/http';
import { providerHeaders } from './provider-options.js';
import { addAttributes, objectCall, readRequest, statRequest } from './requests.js';
import type { SwiftService } from './swift-service.js';
import { promoteVersion } from './versions.js';
import { readChecksums, readContentRange, readEtag, readVersionId, toObjectRecord } from './wire.js';

type ObjectCalls = Pick<StorageDriver, 'stat' | 'read' | 'put' | 'delete'>;

/** Objects and their bytes. */
export function objectCalls(service: SwiftService): ObjectCalls {
  const { wire, largeObjects } = service;
  return {
    async stat(ref, request, ctx) {
      const response = await wire.send(statRequest(ref, request, providerHeaders('read', request.provider)), ctx);
      return toObjectRecord(ref.key, response);
    },
    async read(ref, request, ctx) {
      const response = await wire.send(readRequest(ref, request, providerHeaders('read', request.provider)), ctx);
      const { stream, bytes } = response;
      try {
        const record = toObjectRecord(ref.key, response, true);
        const range = readContentRange(response, record);
        return stream ? { record, range, stream } : { record, range, bytes };
      } catch (error) {
        stream?.on('error', () => undefined).destroy();
        throw error;
      }
    },
    put: (ref, body, request, ctx) => putObject(service, ref, body, request, ctx),
    async delete(ref, request, ctx) {
      providerHeaders('delete', request.provider);
      const result = await largeObjects.delete(ref, ctx);
      if (ref.versionId !== undefined && result.existed === true) await promoteVersion(service, ref, ctx);
      return result;
    },
  };
}

/** https://docs.openstack.org/api-ref/object-store/#create-or-replace-object */
async function putObject(
  service: SwiftService,
  ref: ObjectRef,
  body: PutBody,
  request: PutRequest,
  ctx: CallContext,
): Promise<PutResult> {
  const { wire, largeObjects } = service;
  const { checksum, ifNoneMatch } = request;
  const headers = storedHeaders(request);
  const isCompared = checksum?.algorithm === 'md5';
  if (isCompared) headers.push('etag', checksum.value);
  if (ifNoneMatch !== undefined) headers.push('if-none-match', ifNoneMatch);
  let size = body.size;
  const sent = body.bytes ?? (size === undefined ? countedBody(body, (bytes) => (size = bytes)) : body);
  // What is written only where nothing is replaces nothing.
  const retired = ifNoneMatch === undefined ? await largeObjects.beforeWrite(ref, ctx) : undefined;
  let isReplaced = false;
  try {
    const call = { ...objectCall('PUT', ref, '', headers), ...PUT_MEANS, body: sent };
    const response = await wire.send(call, ctx);
    isReplaced = true;
    const etag = readEtag(response);
    const record = {
      key: ref.key,
      size: size ?? 0,
      etag,
      checksums: readChecksums(response, etag),
      versionId: readVersionId(response),
    };
    return { record, verified: isCompared ? 'service' : 'none' };
  } finally {
    await largeObjects.settle(retired, isReplaced);
  }
}

/** What refusals of a put mean. */
export const PUT_MEANS = { notFound: 'container-not-found', precondition: 'object-exists' } as const;

/** Headers for what is stored beside the bytes. */
export function storedHeaders(request: PutRequest): string[] {
  const headers: string[] = [];
  addAttributes(headers, request);
  headers.push(...providerHeaders('put', request.provider));
  return headers;
}
