import type { EmulatedResponse } from '../../http-answer.js';
import { readBody } from '../../http-request.js';
import { queryConditions } from '../conditions.js';
import { Content, contentOf, readContent } from '../content.js';
import { readCustomerKey } from '../customer-keys.js';
import { invalid } from '../errors.js';
import { splitMultipart } from '../multipart-body.js';
import { cancelSession, continueSession, hashHeader, incompleteAnswer } from '../resumable.js';
import { compactFields, type Json } from '../store.js';
import { type Digests, writeObject, type WriteRequest } from '../write.js';
import { bucketOf, emailOf, type JsonCall, parseJson, readJson } from './call.js';
import { aclField, objectFields } from './fields-of.js';
import { resourceAnswer } from './objects.js';

/** https://cloud.google.com/storage/docs/json_api/v1/objects/insert */
export async function insertObject(call: JsonCall): Promise<EmulatedResponse> {
  switch (call.request.query.get('uploadType')) {
    case 'resumable':
      return startUpload(call);
    case 'multipart':
      return insertMultipart(call);
    case 'media':
      return insertMedia(call);
    default:
      throw invalid('Invalid upload type.', 'invalidParameter');
  }
}

/** `name` of the query wins over the resource's. */
export function writeRequest(call: JsonCall, resource: Json, contentType?: string): WriteRequest {
  const { query, headers } = call.request;
  const name = query.get('name') ?? resource['name'];
  if (typeof name !== 'string') throw invalid('Required', 'required');
  const contentEncoding = query.get('contentEncoding');
  const given = objectFields(resource);
  return {
    bucket: bucketOf(call),
    name,
    fields: compactFields({
      ...given,
      contentType: given.contentType ?? contentType ?? 'application/octet-stream',
      contentEncoding: contentEncoding ?? given.contentEncoding,
    } as typeof given),
    conditions: queryConditions(query),
    writer: emailOf(call),
    cannedAcl: query.get('predefinedAcl'),
    acl: aclField(resource),
    customerKeySha256: readCustomerKey(headers),
    kmsKeyName: query.get('kmsKeyName') ?? (resource['kmsKeyName'] as string | undefined),
  };
}

function digestsOf(call: JsonCall, resource: Json): Digests {
  const given: Digests = {
    md5: resource['md5Hash'] as string | undefined,
    crc32c: resource['crc32c'] as string | undefined,
  };
  return { ...given, ...hashHeader(call.request.headers['x-goog-hash']) };
}

async function insertMedia(call: JsonCall): Promise<EmulatedResponse> {
  const request = writeRequest(call, {}, call.request.headers['content-type']);
  const content = await readContent(call.request.body);
  return resourceAnswer(call, writeObject(call.context, request, content, digestsOf(call, {})));
}

async function insertMultipart(call: JsonCall): Promise<EmulatedResponse> {
  const parts = splitMultipart(await readBody(call.request), call.request.headers['content-type'] ?? '');
  const [first, second] = parts;
  if (!first || !second || parts.length !== 2) throw invalid('Missing end boundary in multipart body.', 'badRequest');
  const resource = parseJson(first.body.toString('utf8'));
  const request = writeRequest(call, resource, second.headers['content-type']);
  const { crc32c, md5 } = contentOf(second.body);
  const content = Content.of([second.body], crc32c, md5);
  return resourceAnswer(call, writeObject(call.context, request, content, digestsOf(call, resource)));
}

async function startUpload(call: JsonCall): Promise<EmulatedResponse> {
  const { request, context, origin } = call;
  const resource = await readJson(call);
  const write = writeRequest(call, resource, request.headers['x-upload-content-type']);
  const announced = request.headers['x-upload-content-length'];
  const total = announced === undefined ? undefined : Number(announced);
  const session = context.sessions.start(context, write, digestsOf(call, resource), total);
  const query = new URLSearchParams([...request.query, ['upload_id', session.id]]);
  const location = `${origin}/upload/storage/v1/b/${encodeURIComponent(write.bucket.name)}/o?${query.toString()}`;
  return { status: 200, headers: { location, 'x-guploader-uploadid': session.id } };
}

/** PUT and DELETE of a session's URI. */
export async function serveSession(call: JsonCall): Promise<EmulatedResponse> {
  const { request, context } = call;
  const session = context.sessions.find(request.query.get('upload_id') ?? '', context.nowMs());
  if (request.method === 'DELETE') return cancelSession(session);
  const object = await continueSession(context, session, request);
  return object ? resourceAnswer(call, object) : incompleteAnswer(session, request);
}
