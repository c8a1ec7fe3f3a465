import {
  type CallContext,
  isStorageError,
  type ObjectRecord,
  type ObjectRef,
  type ReadConditions,
  type ReadRequest,
  type ReadResult,
  type StorageDriver,
  StorageError,
} from '@stowage/core/spi';
import { contentLengthOf, httpDate, rangeHeader, readContentRange, type WireResponse } from '@stowage/http';
import { readConditionHeaders, writeConditionHeaders } from './conditions.js';
import type { GcsService } from './gcs-service.js';
import { providerHeaders } from './provider-options.js';
import { putObject } from './put.js';
import { xmlCall } from './requests.js';
import { readGeneration, toObjectRecord } from './wire.js';

type ObjectCalls = Pick<StorageDriver, 'stat' | 'read' | 'put' | 'delete'>;

/** Objects and their bytes, by the XML API: its answers to reads hold the user metadata, those of the JSON API do not. */
export function objectCalls(service: GcsService): ObjectCalls {
  const { client, endpoint, dialect } = service;
  return {
    async stat(ref, request, ctx) {
      const headers = readHeaders(service, request);
      const response = await client.send(xmlCall(endpoint, 'HEAD', ref, { headers }), ctx);
      checkState(response, request, dialect === 'x-amz-');
      return toObjectRecord(ref.key, response, 'HEAD');
    },
    read: (ref, request, ctx) => readObject(service, ref, request, ctx),
    put: (ref, body, request, ctx) => putObject(service, ref, body, request, ctx),
    async delete(ref, request, ctx) {
      const headers = [...writeConditionHeaders(request), ...providerHeaders(dialect, 'delete', request.provider)];
      try {
        await client.send(xmlCall(endpoint, 'DELETE', ref, { headers }), ctx);
        return { existed: true };
      } catch (error) {
        if (request.ifMatch === undefined && isStorageError(error, 'object-not-found')) return { existed: false };
        throw error;
      }
    },
  };
}

/** https://cloud.google.com/storage/docs/xml-api/get-object-download */
async function readObject(
  service: GcsService,
  ref: ObjectRef,
  request: ReadRequest,
  ctx: CallContext,
): Promise<ReadResult> {
  const { client, endpoint, dialect } = service;
  const headers = readHeaders(service, request);
  if (request.range) headers.push('range', rangeHeader(request.range));
  const isAmazon = dialect === 'x-amz-';
  const decidesHere = request.ifNoneMatch !== undefined || (isAmazon && request.ifMatch !== undefined);
  const call = xmlCall(endpoint, 'GET', ref, { headers, want: decidesHere ? 'stream' : request.want });
  const response = await client.send(call, ctx);
  try {
    checkState(response, request, isAmazon);
    const record = toObjectRecord(ref.key, response, 'GET');
    const range = readContentRange(response, record.size);
    return await resultOf(response, { record, range }, request);
  } catch (error) {
    drain(response);
    throw error;
  }
}

async function resultOf(
  { stream, bytes }: WireResponse,
  facts: { readonly record: ObjectRecord; readonly range: { readonly start: number; readonly end: number } },
  { want }: ReadRequest,
): Promise<ReadResult> {
  if (!stream) return { ...facts, bytes };
  if (want === 'stream') return { ...facts, stream };
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return { ...facts, bytes: Buffer.concat(chunks) };
}

/** A small rest is read to its end, so that the connection stays; a large one is not worth the wait. */
function drain(response: WireResponse): void {
  const { stream } = response;
  if (!stream) return;
  stream.on('error', () => undefined);
  if ((contentLengthOf(response) ?? Infinity) <= 65_536) stream.resume();
  else stream.destroy();
}

function readHeaders(
  { dialect, encryption }: GcsService,
  request: ReadConditions & Pick<ReadRequest, 'provider'>,
): string[] {
  const { ifModifiedSinceMs, ifUnmodifiedSinceMs } = request;
  const headers = dialect === 'x-amz-' ? [] : readConditionHeaders(request.ifMatch);
  // What is stored is wanted as it is stored: without this, Google unpacks what was stored with "Content-Encoding: gzip".
  headers.push('accept-encoding', 'gzip');
  if (ifModifiedSinceMs !== undefined) headers.push('if-modified-since', httpDate(ifModifiedSinceMs));
  if (ifUnmodifiedSinceMs !== undefined) headers.push('if-unmodified-since', httpDate(ifUnmodifiedSinceMs));
  headers.push(...encryption.read, ...providerHeaders(dialect, 'read', request.provider));
  return headers;
}

/**
 * The XML API compares ETags of its own and no generations with `If-None-Match`, and in the AWS dialect no generations at all: what the
 * answer tells is compared here, before anybody gets the body.
 */
function checkState(response: WireResponse, { ifMatch, ifNoneMatch }: ReadConditions, isAmazon: boolean): void {
  if (ifNoneMatch !== undefined && isIn(response, ifNoneMatch))
    throw new StorageError('not-modified', 'The object was not modified.', { status: 304, retryable: false });
  if (isAmazon && ifMatch !== undefined && !isIn(response, ifMatch))
    throw new StorageError('precondition-failed', 'The object is not in the state that the condition asks for.', {
      status: 412,
      retryable: false,
    });
}

/** True when the answered object is in the state that a condition names. */
function isIn(response: WireResponse, condition: string): boolean {
  if (condition === '*') return true;
  const generation = readGeneration(response);
  return (
    condition === generation || condition === `${generation ?? ''}/${response.header('x-goog-metageneration') ?? ''}`
  );
}
