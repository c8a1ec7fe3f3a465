import type { EmulatedResponse } from '../../http-answer.js';
import { cannedAcl, defaultBucketAcl, readAcl, refuseAclUnderUniformAccess } from '../acl.js';
import { createBucket, type IamConfiguration, iamConfiguration, removeBucket, touch } from '../bucket.js';
import { checkConditions, queryConditions } from '../conditions.js';
import { GcsError, invalid } from '../errors.js';
import { bucketResource } from '../resource.js';
import type { Bucket, Json } from '../store.js';
import { bucketOf, jsonAnswer, type JsonCall, mergePatch, projectionOf, readJson } from './call.js';

/** What a bucket resource has that nobody sets. */
const READ_ONLY = new Set([
  'kind',
  'id',
  'selfLink',
  'projectNumber',
  'name',
  'timeCreated',
  'updated',
  'metageneration',
  'etag',
  'acl',
  'defaultObjectAcl',
  'owner',
]);

function configOf(resource: Json): Json {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !READ_ONLY.has(name)));
}

/** https://cloud.google.com/storage/docs/json_api/v1/buckets/list */
export function listBuckets(call: JsonCall): EmulatedResponse {
  const { query } = call.request;
  const project = requireProject(query.get('project'));
  const prefix = query.get('prefix') ?? '';
  const after = query.get('pageToken') ?? '';
  const limit = Math.min(Number(query.get('maxResults') ?? 1000) || 1000, 1000);
  const names = [...call.context.store.buckets.values()]
    .filter((bucket) => bucket.project === project)
    .map((bucket) => bucket.name)
    .filter((name) => name.startsWith(prefix) && name > after)
    .sort();
  const shown = names.slice(0, limit);
  return jsonAnswer(call, {
    kind: 'storage#buckets',
    ...(names.length > shown.length && { nextPageToken: shown.at(-1) }),
    items: shown.map((name) => bucketResource(call.context.store.bucket(name), call.origin, projectionOf(call))),
  });
}

export function requireProject(project: string | undefined): string {
  if (project !== undefined && project !== '') return project;
  throw invalid('Required parameter: project', 'required', 'InvalidArgument');
}

/** https://cloud.google.com/storage/docs/json_api/v1/buckets/insert */
export async function insertBucket(call: JsonCall): Promise<EmulatedResponse> {
  const { query } = call.request;
  const project = requireProject(query.get('project'));
  const resource = await readJson(call);
  const bucket = createBucket(
    call.context,
    (resource['name'] as string | undefined) ?? '',
    project,
    configOf(resource),
  );
  applyAcls(call, bucket, resource);
  return jsonAnswer(call, bucketResource(bucket, call.origin, projectionOf(call)));
}

function applyAcls(call: JsonCall, bucket: Bucket, resource: Json): void {
  const { query } = call.request;
  const [canned, cannedDefault] = [query.get('predefinedAcl'), query.get('predefinedDefaultObjectAcl')];
  const { acl, defaultObjectAcl } = resource;
  if ([canned, cannedDefault, acl, defaultObjectAcl].some((given) => given !== undefined))
    refuseAclUnderUniformAccess(bucket, 'update');
  if (acl !== undefined) bucket.acl = readAcl(acl);
  if (defaultObjectAcl !== undefined) bucket.defaultObjectAcl = readAcl(defaultObjectAcl);
  const [owner] = defaultBucketAcl();
  if (canned !== undefined) bucket.acl = cannedAcl(canned, owner);
  if (cannedDefault !== undefined) bucket.defaultObjectAcl = cannedAcl(cannedDefault);
}

function bucketConditions(call: JsonCall, bucket: Bucket, isRead = false): void {
  const { metagenerationMatch, metagenerationNotMatch } = queryConditions(call.request.query);
  const numbered = { generation: 0, metageneration: bucket.metageneration };
  checkConditions(numbered, { metagenerationMatch, metagenerationNotMatch }, isRead);
}

export function getBucket(call: JsonCall): EmulatedResponse {
  const bucket = bucketOf(call);
  bucketConditions(call, bucket, true);
  return jsonAnswer(call, bucketResource(bucket, call.origin, projectionOf(call)));
}

/** PATCH merges, PUT replaces. */
export async function patchBucket(call: JsonCall): Promise<EmulatedResponse> {
  const { request, context } = call;
  const patch = await readJson(call);
  const bucket = bucketOf(call);
  bucketConditions(call, bucket);
  const { location, locationType, storageClass } = bucket.config;
  const base = request.method === 'PATCH' ? bucket.config : { location, locationType, storageClass };
  const merged = mergePatch(base, configOf(patch)) as Json;
  const given = (patch['iamConfiguration'] ?? {}) as IamConfiguration;
  const iam = { ...(merged['iamConfiguration'] as IamConfiguration | undefined) };
  const access = given.uniformBucketLevelAccess ?? given.bucketPolicyOnly ?? iam.uniformBucketLevelAccess ?? {};
  const nowMs = context.nowMs();
  bucket.config = {
    ...merged,
    iamConfiguration: iamConfiguration({ ...iam, uniformBucketLevelAccess: access }, nowMs),
  };
  applyAcls(call, bucket, patch);
  touch(bucket, context);
  return jsonAnswer(call, bucketResource(bucket, call.origin, projectionOf(call)));
}

/** For good: a locked policy is never taken away. */
export function lockRetentionPolicy(call: JsonCall): EmulatedResponse {
  const bucket = bucketOf(call);
  bucketConditions(call, bucket);
  const policy = bucket.config['retentionPolicy'];
  if (policy === undefined) throw invalid('The bucket has no retention policy.');
  bucket.config = { ...bucket.config, retentionPolicy: { ...policy, isLocked: true } };
  touch(bucket, call.context);
  return jsonAnswer(call, bucketResource(bucket, call.origin));
}

export function deleteBucket(call: JsonCall): EmulatedResponse {
  const bucket = bucketOf(call);
  bucketConditions(call, bucket);
  removeBucket(call.context, bucket);
  return { status: 204 };
}

/** https://cloud.google.com/storage/docs/json_api/v1/buckets/getIamPolicy and setIamPolicy */
export async function serveIam(call: JsonCall): Promise<EmulatedResponse> {
  const bucket = bucketOf(call);
  if (call.segments[3] === 'testPermissions') {
    const asked = new URLSearchParams(call.request.rawQuery).getAll('permissions');
    return jsonAnswer(call, { kind: 'storage#testIamPermissionsResponse', permissions: asked });
  }
  const current = bucket.policy ?? defaultPolicy(bucket);
  if (call.request.method !== 'PUT') return jsonAnswer(call, current);
  const given = await readJson(call);
  const etag = given['etag'];
  if (etag !== undefined && etag !== current['etag'])
    throw new GcsError(412, 'conditionNotMet', 'PreconditionFailed', 'The policy was changed meanwhile.');
  const changes =
    Number(
      Buffer.from(current['etag'] as string, 'base64')
        .toString('latin1')
        .slice(1),
    ) + 1;
  bucket.policy = {
    kind: 'storage#policy',
    resourceId: `projects/_/buckets/${bucket.name}`,
    ...given,
    etag: policyEtag(changes),
  };
  return jsonAnswer(call, bucket.policy);
}

function policyEtag(changes: number): string {
  return Buffer.from(`P${String(changes)}`).toString('base64');
}

function defaultPolicy(bucket: Bucket): Json {
  const members = [`projectOwner:${bucket.project}`, `projectEditor:${bucket.project}`];
  return {
    kind: 'storage#policy',
    resourceId: `projects/_/buckets/${bucket.name}`,
    version: 1,
    etag: policyEtag(0),
    bindings: [{ role: 'roles/storage.legacyBucketOwner', members }],
  };
}
