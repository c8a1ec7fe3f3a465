import { type CallContext, type ObjectRecord, type ObjectRef, type PutRequest, StorageError } from '@stowage/core/spi';
import { asObjectExists, escapeXml, sha256OfBytes } from '@stowage/http';
import { readCondition, writeConditionHeaders } from './conditions.js';
import type { GcsService } from './gcs-service.js';
import { storedHeaders } from './put.js';
import { SLOW_CALL_MS, xmlCall } from './requests.js';
import { toWrittenRecord } from './wire.js';

const MAX_SOURCES = 32;

/** An object that becomes a piece of another in its bucket. */
export interface ComposeSource {
  readonly key: string;
  /** Only this version of it. */
  readonly versionId?: string | undefined;
  /** Only while it is in this state. */
  readonly ifMatch?: string | undefined;
}

/** https://cloud.google.com/storage/docs/xml-api/put-object-compose */
export async function compose(
  service: GcsService,
  to: ObjectRef,
  sources: readonly ComposeSource[],
  request: PutRequest,
  ctx: CallContext,
): Promise<ObjectRecord> {
  if (sources.length === 0 || sources.length > MAX_SOURCES) {
    const message = `An object is composed of 1 to ${String(MAX_SOURCES)} others, not of ${String(sources.length)}.`;
    throw new StorageError('invalid-argument', message, { requestSent: false });
  }
  const { client, endpoint } = service;
  const headers = [...storedHeaders(service, request), ...writeConditionHeaders(request)];
  // The type in the header is the new object's, not the document's.
  if (request.contentType === undefined) headers.push('content-type', 'application/octet-stream');
  const call = xmlCall(endpoint, 'PUT', to, { query: ['compose', ''], headers });
  const body = Buffer.from(`<ComposeRequest>${sources.map(component).join('')}</ComposeRequest>`);
  const sent = { ...call, body, contentHash: sha256OfBytes(body), headersTimeoutMs: SLOW_CALL_MS };
  try {
    const response = await client.send(sent, ctx);
    const { size: _size, ...record } = toWrittenRecord(to.key, 0, response);
    const stored = response.header('x-goog-stored-content-length');
    if (stored !== undefined) return { ...record, size: Number(stored) };
    const head = await client.send(xmlCall(endpoint, 'HEAD', { ...to, versionId: record.versionId }), ctx);
    return { ...record, size: Number(head.header('x-goog-stored-content-length') ?? head.header('content-length')) };
  } catch (error) {
    throw asObjectExists(error, request);
  }
}

function component({ key, versionId, ifMatch }: ComposeSource): string {
  const generation = versionId === undefined ? '' : `<Generation>${escapeXml(versionId)}</Generation>`;
  const condition =
    ifMatch === undefined
      ? ''
      : `<IfGenerationMatch>${readCondition('ifMatch', ifMatch).generation}</IfGenerationMatch>`;
  return `<Component><Name>${escapeXml(key)}</Name>${generation}${condition}</Component>`;
}
