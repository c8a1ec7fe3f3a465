import type { EmulatedResponse } from '../../http-answer.js';
import { cannedAcl, refuseAclUnderUniformAccess } from '../acl.js';
import { checkConditions, checkHttpConditions, queryConditions } from '../conditions.js';
import { composeObject, copyWhole, rewriteObject } from '../copy.js';
import { checkCustomerKey, readCustomerKey } from '../customer-keys.js';
import { downloadObject } from '../download.js';
import { forbidden, invalid, noSuchObject } from '../errors.js';
import { etagOf, objectResource } from '../resource.js';
import { type Bucket, compactFields, type Json, type ObjectFields, type StoredObject } from '../store.js';
import { checkFields, checkMayGo, type WriteRequest } from '../write.js';
import { bucketOf, emailOf, jsonAnswer, type JsonCall, mergePatch, projectionOf, readJson } from './call.js';
import { aclField, objectFields } from './fields-of.js';

/** The object that the path and `generation` name. Throws 404. */
export function objectOf(call: JsonCall): StoredObject {
  return bucketOf(call).find(call.segments[3] ?? '', call.request.query.get('generation'));
}

export function objectResourceFor(call: JsonCall, object: StoredObject): Json {
  const key = object.customerKeySha256 === undefined ? undefined : readCustomerKey(call.request.headers);
  return objectResource(object, call.origin, projectionOf(call), key);
}

export function resourceAnswer(call: JsonCall, object: StoredObject): EmulatedResponse {
  return jsonAnswer(call, objectResourceFor(call, object));
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects/get */
export function getObject(call: JsonCall): EmulatedResponse {
  const { request } = call;
  if (request.query.get('softDeleted') === 'true') return resourceAnswer(call, softDeletedOf(call));
  const object = objectOf(call);
  checkConditions(object, queryConditions(request.query), true);
  checkHttpConditions({ etag: etagOf(object), modifiedAtMs: object.updatedAtMs }, request.headers);
  if (request.query.get('alt') === 'media') return downloadObject(object, request, 'json');
  if (object.customerKeySha256 !== undefined && readCustomerKey(request.headers) !== undefined)
    checkCustomerKey(object, request.headers);
  return resourceAnswer(call, object);
}

function softDeletedOf(call: JsonCall): StoredObject {
  const generation = call.request.query.get('generation');
  if (generation === undefined) throw invalid('You must specify a generation.', 'required');
  const [, , , name = ''] = call.segments;
  const bucket = bucketOf(call);
  const found = bucket.softDeletedOf(name).find((object) => String(object.generation) === generation);
  if (!found) throw noSuchObject(bucket.name, name);
  return found;
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects/patch and update */
export async function patchObject(call: JsonCall): Promise<EmulatedResponse> {
  const { request, context } = call;
  const patch = await readJson(call);
  const object = objectOf(call);
  checkConditions(object, queryConditions(request.query));
  const base = request.method === 'PATCH' ? (object.fields as Json) : { storageClass: object.fields.storageClass };
  const fields = objectFields(mergePatch(base, patch) as Json);
  checkFields(fields);
  if (fields.storageClass !== object.fields.storageClass)
    throw invalid('Cannot change the storage class of an existing object; rewrite it.');
  checkRetention(call, object, fields);
  const acl = patchedAcl(call, object, patch);
  object.fields = compactFields(fields);
  object.acl = acl;
  object.metageneration += 1;
  object.updatedAtMs = context.nowMs();
  return resourceAnswer(call, object);
}

function patchedAcl(call: JsonCall, object: StoredObject, patch: Json): StoredObject['acl'] {
  const canned = call.request.query.get('predefinedAcl');
  const given = aclField(patch);
  if (canned !== undefined || given !== undefined) refuseAclUnderUniformAccess(object.bucket, 'update');
  const owner = object.acl.find((entry) => entry.entity === object.owner);
  return canned === undefined ? (given ?? object.acl) : cannedAcl(canned, owner);
}

function checkRetention({ request, context }: JsonCall, object: StoredObject, fields: ObjectFields): void {
  const [before, after] = [object.fields.retention, fields.retention];
  if (!before || Date.parse(before.retainUntilTime) <= context.nowMs()) return;
  const shrinks = !after || Date.parse(after.retainUntilTime) < Date.parse(before.retainUntilTime);
  const mayShrink = before.mode === 'Unlocked' && request.query.get('overrideUnlockedRetention') === 'true';
  if (shrinks && !mayShrink)
    throw forbidden('The retention of the object cannot be shortened.', 'retentionPolicyNotMet');
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects/delete */
export function deleteObject(call: JsonCall): EmulatedResponse {
  const object = objectOf(call);
  checkConditions(object, queryConditions(call.request.query));
  removeObject(call, object, call.request.query.has('generation'));
  return { status: 204 };
}

function removeObject({ context }: JsonCall, object: StoredObject, isExact: boolean): void {
  const nowMs = context.nowMs();
  const { bucket } = object;
  if (isExact || !bucket.keepsVersions) {
    checkMayGo(object, nowMs);
    bucket.remove(object, nowMs);
  } else {
    bucket.retire(object.name, nowMs);
  }
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects/restore */
export async function restoreObject(call: JsonCall): Promise<EmulatedResponse> {
  const { context } = call;
  const gone = softDeletedOf(call);
  const write = copyRequest(call, gone.bucket, gone.name, gone.fields);
  const restored = copyWhole(context, gone, write);
  gone.bucket.dropSoftDeleted(gone);
  return resourceAnswer(call, restored);
}

function copyRequest(call: JsonCall, bucket: Bucket, name: string, fields: ObjectFields): WriteRequest {
  const { query, headers } = call.request;
  return {
    bucket,
    name,
    fields,
    conditions: queryConditions(query),
    writer: emailOf(call),
    cannedAcl: query.get('destinationPredefinedAcl'),
    customerKeySha256: readCustomerKey(headers),
    kmsKeyName: query.get('destinationKmsKeyName'),
  };
}

interface Transfer {
  readonly source: StoredObject;
  readonly write: WriteRequest;
}

/**
 * Source and target of `copyTo` and `rewriteTo`. Without a body the copy has the source's metadata, and the storage class of the bucket
 * that it goes to. A body stands for all: also a content type that it does not name is gone, as
 * https://github.com/googleapis/google-cloud-ruby/issues/4254 found.
 */
async function transferOf(call: JsonCall): Promise<Transfer> {
  const { request, context, segments } = call;
  const resource = await readJson(call);
  const source = bucketOf(call).find(segments[3] ?? '', request.query.get('sourceGeneration'));
  checkConditions(source, queryConditions(request.query, 'ifSource'));
  checkCustomerKey(source, request.headers, 'x-goog-copy-source-encryption-');
  const given = objectFields(resource);
  const { storageClass: _, ...kept } = source.fields;
  const bucket = context.store.bucket(segments[6] ?? '');
  const fields = Object.keys(given).length > 0 ? given : kept;
  const write = copyRequest(call, bucket, segments[8] ?? '', compactFields(fields));
  return { source, write: { ...write, acl: aclField(resource) } };
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects/copy */
export async function copyObject(call: JsonCall): Promise<EmulatedResponse> {
  const { source, write } = await transferOf(call);
  return resourceAnswer(call, copyWhole(call.context, source, write));
}

export async function rewrite(call: JsonCall): Promise<EmulatedResponse> {
  const { source, write } = await transferOf(call);
  const { query } = call.request;
  const maxBytes = query.get('maxBytesRewrittenPerCall');
  const progress = rewriteObject(call.context, source, write, {
    token: query.get('rewriteToken'),
    maxBytes: maxBytes === undefined ? undefined : Number(maxBytes),
  });
  const { object, token, copiedBytes } = progress;
  return jsonAnswer(call, {
    kind: 'storage#rewriteResponse',
    totalBytesRewritten: String(copiedBytes),
    objectSize: String(source.content.size),
    done: object !== undefined,
    ...(token !== undefined && { rewriteToken: token }),
    ...(object && { resource: objectResourceFor(call, object) }),
  });
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects/move */
export function moveObject(call: JsonCall): EmulatedResponse {
  const { request, context, segments } = call;
  const source = bucketOf(call).find(segments[3] ?? '');
  checkConditions(source, queryConditions(request.query, 'ifSource'));
  checkMayGo(source, context.nowMs());
  const write = copyRequest(call, source.bucket, segments[6] ?? '', source.fields);
  const moved = copyWhole(context, source, { ...write, customerKeySha256: source.customerKeySha256 });
  removeObject(call, source, false);
  return resourceAnswer(call, moved);
}

interface SourceObject {
  readonly name?: string;
  readonly generation?: string | number;
  readonly objectPreconditions?: { readonly ifGenerationMatch?: string | number };
}

/** https://cloud.google.com/storage/docs/json_api/v1/objects/compose */
export async function compose(call: JsonCall): Promise<EmulatedResponse> {
  const { context, segments } = call;
  const body = await readJson(call);
  const destination = (body['destination'] ?? {}) as Json;
  const sources = (body['sourceObjects'] ?? []) as readonly SourceObject[];
  const components = sources.map(({ name = '', generation, objectPreconditions }) => ({
    name,
    generation: generation === undefined ? undefined : String(generation),
    conditions: {
      ...(objectPreconditions?.ifGenerationMatch !== undefined && {
        generationMatch: String(objectPreconditions.ifGenerationMatch),
      }),
    },
  }));
  const write = copyRequest(call, bucketOf(call), segments[3] ?? '', objectFields(destination));
  const kmsKeyName = call.request.query.get('kmsKeyName');
  return resourceAnswer(call, composeObject(context, { ...write, kmsKeyName, acl: aclField(destination) }, components));
}
