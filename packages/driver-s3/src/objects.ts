import { isStorageError, type StorageDriver } from '@stowage/core/spi';
import { readContentRange } from '@stowage/http';
import { putObject } from './put.js';
import { deleteRequest, readRequest, type S3Call, statRequest } from './requests.js';
import type { S3Service } from './s3-service.js';
import { toObjectRecord } from './wire.js';

type ObjectCalls = Pick<StorageDriver, 'stat' | 'read' | 'put' | 'delete'>;

/** Objects and their bytes. */
export function objectCalls(service: S3Service): ObjectCalls {
  const { client, facts, encryption } = service;
  const withKey = (call: S3Call): S3Call => {
    call.headers.push(...encryption.read);
    return call;
  };
  return {
    async stat(ref, request, ctx) {
      const response = await client.send(withKey(statRequest(ref, request, facts.checksums)), ctx);
      return toObjectRecord(ref.key, response, facts, 'HEAD');
    },
    async read(ref, request, ctx) {
      const response = await client.send(withKey(readRequest(ref, request, facts.checksums)), ctx);
      const { stream, bytes } = response;
      try {
        const record = toObjectRecord(ref.key, response, facts, 'GET');
        const range = readContentRange(response, record.size);
        return stream ? { record, range, stream } : { record, range, bytes };
      } catch (error) {
        stream?.on('error', () => undefined).destroy();
        throw error;
      }
    },
    put: (ref, body, request, ctx) => putObject(service, ref, body, request, ctx),
    async delete(ref, request, ctx) {
      try {
        const response = await client.send(deleteRequest(ref, request), ctx);
        const isDeleteMarker = response.header('x-amz-delete-marker') === 'true';
        return { versionId: response.header('x-amz-version-id'), ...(isDeleteMarker && { isDeleteMarker }) };
      } catch (error) {
        // S3 says 204 of what is not there; some services say so.
        if (request.ifMatch === undefined && isStorageError(error, 'object-not-found')) return { existed: false };
        throw error;
      }
    },
  };
}
