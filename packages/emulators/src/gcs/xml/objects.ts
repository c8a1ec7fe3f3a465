import { createHash } from 'node:crypto';
import type { EmulatedResponse } from '../../http-answer.js';
import type { EmulatedRequest } from '../../http-request.js';
import { readPayload } from '../../s3/payload.js';
import { parseXml, listOf, textOf, toXml } from '../../s3/xml.js';
import { checkConditions, checkHttpConditions, headerConditions } from '../conditions.js';
import { type Content, contentOf, readContent } from '../content.js';
import type { GcsContext } from '../context.js';
import { composeObject, copyWhole } from '../copy.js';
import { checkCustomerKey, readCustomerKey } from '../customer-keys.js';
import { downloadObject, objectHeaders } from '../download.js';
import { GcsError, invalid } from '../errors.js';
import { isoTime, xmlEtagOf } from '../resource.js';
import { cancelSession, continueSession, hashHeader, incompleteAnswer } from '../resumable.js';
import type { Bucket, StoredObject } from '../store.js';
import { checkMayGo, type Digests, writeObject, type WriteRequest } from '../write.js';
import { fieldsOf, type Headers, isAmazon, metadataHeaders, readHeaders } from './headers.js';
import type { Signed } from './signature-v4.js';

export const NAMESPACE = 'http://doc.s3.amazonaws.com/2006-03-01';
export const XML = { 'content-type': 'application/xml; charset=UTF-8' };

/** A request of the XML API and what it works on. */
export interface XmlCall {
  readonly context: GcsContext;
  readonly request: EmulatedRequest;
  /** With Google's names. */
  readonly headers: Headers;
  readonly signed: Signed;
  readonly bucket: Bucket;
  readonly key: string;
  readonly origin: string;
}

export function findObject({ bucket, key, request }: XmlCall): StoredObject {
  return bucket.find(key, request.query.get('generation') ?? request.query.get('versionId'));
}

/** https://cloud.google.com/storage/docs/xml-api/get-object-download and head-object */
export function getObject(call: XmlCall): EmulatedResponse {
  const { request, headers } = call;
  const object = findObject(call);
  checkConditions(object, headerConditions(headers));
  checkHttpConditions({ etag: xmlEtagOf(object), modifiedAtMs: object.updatedAtMs }, headers);
  const answer = downloadObject(object, { ...request, headers }, 'xml');
  const overrides = [...request.query]
    .filter(([name]) => name === 'response-content-type' || name === 'response-content-disposition')
    .map(([name, value]) => [name.slice('response-'.length), value] as const);
  const metadata = metadataHeaders(object, isAmazon(request) ? 'x-amz-' : 'x-goog-');
  return { ...answer, headers: { ...answer.headers, ...metadata, ...Object.fromEntries(overrides) } };
}

export function writeRequestOf({ context, headers, signed, bucket, key }: XmlCall): WriteRequest {
  return {
    bucket,
    name: key,
    fields: fieldsOf(headers),
    conditions: headerConditions(headers),
    writer: signed.principal.email ?? context.identities.defaultEmail,
    cannedAcl: headers['x-goog-acl'],
    customerKeySha256: readCustomerKey(headers),
    kmsKeyName: headers['x-goog-encryption-kms-key-name'],
  };
}

export function digestsOf(headers: Headers): Digests {
  const md5 = headers['content-md5'];
  return { ...(md5 !== undefined && { md5 }), ...hashHeader(headers['x-goog-hash']) };
}

/** The bytes of a request, after its own digest was checked. */
export async function readBytes({ request, headers, signed }: XmlCall): Promise<Content> {
  const mode = headers['x-goog-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  if (mode.startsWith('STREAMING-')) {
    if (mode !== 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD')
      throw invalid(`The payload ${mode} is not supported.`, 'invalid', 'InvalidArgument');
    return contentOf((await readPayload(request, signed.signer)).body);
  }
  const content = await readContent(request.body);
  if (mode === 'UNSIGNED-PAYLOAD' || mode === sha256Of(content)) return content;
  throw new GcsError(
    400,
    'invalid',
    'XAmzContentSHA256Mismatch',
    'The SHA-256 that was sent does not match what was computed.',
  );
}

function sha256Of({ blocks }: Content): string {
  const hash = createHash('sha256');
  for (const block of blocks) hash.update(block);
  return hash.digest('hex');
}

/** Headers that tell of a write. */
export function writtenHeaders(object: StoredObject): Record<string, string | undefined> {
  const all = objectHeaders(object);
  const told = Object.entries(all).filter(([name]) => name.startsWith('x-goog-'));
  return { ...Object.fromEntries(told), etag: `"${xmlEtagOf(object)}"` };
}

/** https://cloud.google.com/storage/docs/xml-api/put-object-upload */
export async function putObject(call: XmlCall): Promise<EmulatedResponse> {
  const { context, headers } = call;
  const write = writeRequestOf(call);
  const content = await readBytes(call);
  const object = writeObject(context, write, content, digestsOf(headers));
  return { status: 200, headers: writtenHeaders(object) };
}

/** https://cloud.google.com/storage/docs/xml-api/put-object-copy */
export function copyObject(call: XmlCall): EmulatedResponse {
  const { context, headers } = call;
  const source = copySource(call);
  const directive = headers['x-goog-metadata-directive'] ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') throw invalid('Invalid metadata directive.');
  const write = writeRequestOf(call);
  const { storageClass: _, ...kept } = source.fields;
  const { storageClass } = write.fields;
  const fields =
    directive === 'REPLACE' ? write.fields : { ...kept, ...(storageClass !== undefined && { storageClass }) };
  const object = copyWhole(context, source, { ...write, fields });
  const body = toXml(
    'CopyObjectResult',
    { LastModified: isoTime(object.updatedAtMs), ETag: `"${xmlEtagOf(object)}"` },
    NAMESPACE,
  );
  return { status: 200, headers: { ...writtenHeaders(object), ...XML }, body };
}

export function copySource({ context, headers }: XmlCall): StoredObject {
  const [path = '', query = ''] = (headers['x-goog-copy-source'] ?? '').split('?');
  const plain = decodeURIComponent(path.replace(/^\//, ''));
  const slash = plain.indexOf('/');
  if (slash < 1) throw invalid('The copy source must name a bucket and an object.');
  const generation =
    headers['x-goog-copy-source-generation'] ?? new URLSearchParams(query).get('versionId') ?? undefined;
  const source = context.store.bucket(plain.slice(0, slash)).find(plain.slice(slash + 1), generation);
  checkConditions(source, headerConditions(headers, 'x-goog-copy-source-if-'));
  checkHttpConditions({ etag: xmlEtagOf(source), modifiedAtMs: source.updatedAtMs }, headers, 'x-goog-copy-source-');
  checkCustomerKey(source, headers, 'x-goog-copy-source-encryption-');
  return source;
}

/** Unlike S3, a missing object is an error: https://cloud.google.com/storage/docs/xml-api/delete-object */
export function deleteObject(call: XmlCall): EmulatedResponse {
  const { bucket, context, request, headers, key } = call;
  const object = findObject(call);
  checkConditions(object, headerConditions(headers));
  const isExact = request.query.has('generation') || request.query.has('versionId');
  const nowMs = context.nowMs();
  if (isExact || !bucket.keepsVersions) {
    checkMayGo(object, nowMs);
    bucket.remove(object, nowMs);
  } else {
    bucket.retire(key, nowMs);
  }
  return { status: 204 };
}

/** https://cloud.google.com/storage/docs/xml-api/put-object-compose */
export async function compose(call: XmlCall): Promise<EmulatedResponse> {
  const { context } = call;
  const body = Buffer.concat((await readBytes(call)).blocks);
  const rows = listOf(parseXml(body, 'ComposeRequest')['Component']);
  const components = rows.map((row) => ({
    name: textOf(row['Name']) ?? '',
    generation: textOf(row['Generation']),
    conditions: { generationMatch: textOf(row['IfGenerationMatch']) },
  }));
  const object = composeObject(context, writeRequestOf(call), components);
  return { status: 200, headers: writtenHeaders(object) };
}

/** `x-goog-resumable: start`: https://cloud.google.com/storage/docs/xml-api/post-object-resumable */
export function startUpload(call: XmlCall): EmulatedResponse {
  const { context, headers, request, origin } = call;
  const announced = headers['x-upload-content-length'];
  const total = announced === undefined ? undefined : Number(announced);
  const write = writeRequestOf(call);
  const contentType = headers['x-upload-content-type'];
  const fields = contentType === undefined ? write.fields : { ...write.fields, contentType };
  const session = context.sessions.start(context, { ...write, fields }, digestsOf(headers), total);
  const location = `${origin}${request.rawPath}?upload_id=${session.id}`;
  return { status: 201, headers: { location, 'x-guploader-uploadid': session.id } };
}

/** PUT and DELETE of a session's URI, which is its own credential. */
export async function serveSession(context: GcsContext, request: EmulatedRequest): Promise<EmulatedResponse> {
  const session = context.sessions.find(request.query.get('upload_id') ?? '', context.nowMs());
  if (request.method === 'DELETE') return cancelSession(session);
  const object = await continueSession(context, session, { ...request, headers: readHeaders(request) });
  return object ? { status: 200, headers: writtenHeaders(object) } : incompleteAnswer(session, request);
}
