import type { CallContext, CopyGroup, CopyRequest, CopyResult, ObjectRef } from '@stowage/core/spi';
import { asObjectExists, escapePath, escapeUri, parseWriteResult } from '@stowage/http';
import { sourceConditionHeaders, writeConditionHeaders } from './conditions.js';
import type { GcsService } from './gcs-service.js';
import { providerHeaders } from './provider-options.js';
import { attributeHeaders, SLOW_CALL_MS, xmlCall } from './requests.js';
import { readGeneration } from './wire.js';

/** For HMAC keys, which the JSON API does not take: https://cloud.google.com/storage/docs/xml-api/put-object-copy */
export function copyGroup(service: GcsService): CopyGroup {
  return { copy: (from, to, request, ctx) => copyObject(service, from, to, request, ctx) };
}

async function copyObject(
  service: GcsService,
  from: ObjectRef,
  to: ObjectRef,
  request: CopyRequest,
  ctx: CallContext,
): Promise<CopyResult> {
  const { client, endpoint } = service;
  const headers = copyHeaders(service, from, request);
  const call = { ...xmlCall(endpoint, 'PUT', to, { headers }), headersTimeoutMs: SLOW_CALL_MS };
  try {
    const [{ modifiedAtMs }, response] = await client.ask(call, ctx, parseWriteResult);
    const generation = readGeneration(response);
    return { record: { key: to.key, etag: generation, modifiedAtMs, versionId: generation } };
  } catch (error) {
    throw asObjectExists(error, request);
  }
}

function copyHeaders(service: GcsService, from: ObjectRef, request: CopyRequest): string[] {
  const { dialect, options, encryption } = service;
  const { attributes, sourceIfMatch } = request;
  const headers = [`${dialect}copy-source`, `/${escapeUri(from.container)}/${escapePath(from.key)}`];
  if (from.versionId !== undefined) headers.push(...sourceVersion(dialect, headers, from.versionId));
  headers.push(...encryption.copySource, ...sourceConditionHeaders(sourceIfMatch), ...writeConditionHeaders(request));
  const own = providerHeaders(dialect, 'copy', request.provider);
  if (!own.includes('x-goog-encryption-kms-key-name')) headers.push(...encryption.write);
  headers.push(...own);
  if (attributes) headers.push(`${dialect}metadata-directive`, 'REPLACE');
  const storageClass = attributes?.storageClass ?? options.storageClass;
  headers.push(...attributeHeaders(dialect, { ...attributes, storageClass }));
  return headers;
}

/** Google has a header for the version; in the AWS dialect it stands in the source. */
function sourceVersion(dialect: string, headers: string[], versionId: string): string[] {
  if (dialect === 'x-goog-') return ['x-goog-copy-source-generation', versionId];
  headers[1] = `${headers[1] as string}?versionId=${escapeUri(versionId)}`;
  return [];
}
