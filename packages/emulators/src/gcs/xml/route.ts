import type { EmulatedResponse } from '../../http-answer.js';
import { readBody, type EmulatedRequest } from '../../http-request.js';
import { operationOf, type Target } from '../../s3/operations.js';
import { isPublicRead } from '../access.js';
import { removeBucket } from '../bucket.js';
import type { GcsContext } from '../context.js';
import { forbidden, GcsError, invalid } from '../errors.js';
import { checkScopes } from '../identities.js';
import type { Bucket } from '../store.js';
import { serveAcl } from './acl.js';
import { authenticate } from './auth.js';
import { deleteObjects, listBuckets, putBucket, serveLocation, serveVersioning } from './buckets.js';
import { corsHeaders, preflight } from './cors.js';
import { type Headers, isAmazon, readHeaders } from './headers.js';
import { listObjects, listVersions } from './listing.js';
import { abortUpload, completeUpload, createUpload, listParts, listUploads, uploadPart } from './multipart.js';
import {
  compose,
  copyObject,
  deleteObject,
  getObject,
  putObject,
  readBytes,
  serveSession,
  startUpload,
  XML,
  type XmlCall,
} from './objects.js';
import { postForm } from './post.js';
import type { Signed } from './signature-v4.js';
import { type Addressing, targetOf } from './target.js';

export interface XmlSettings extends Addressing {
  /** Of requests that name none. */
  readonly project: string;
}

/** Names of calls as S3 has them, and Google's own where S3 has none. */
export function xmlOperation(request: EmulatedRequest, target: Target): string {
  const { method, query, headers } = request;
  if (query.has('upload_id')) return method === 'DELETE' ? 'resumable.cancel' : 'resumable.put';
  if (target.key !== undefined && headers['x-goog-resumable'] === 'start') return 'resumable.start';
  if (method === 'PUT' && query.has('compose')) return 'ComposeObject';
  if (target.bucket !== undefined && (query.has('acl') || query.has('defaultObjectAcl')))
    return target.key === undefined ? 'BucketAcl' : 'ObjectAcl';
  const isCopy = headers['x-goog-copy-source'] !== undefined && !query.has('uploadId');
  if (method === 'PUT' && isCopy && target.key !== undefined) return 'CopyObject';
  return operationOf(request, target);
}

export async function serveXml(
  context: GcsContext,
  settings: XmlSettings,
  request: EmulatedRequest,
  origin: string,
): Promise<EmulatedResponse> {
  const target = targetOf(request, settings);
  const operation = xmlOperation(request, target);
  if (operation === 'resumable.put' || operation === 'resumable.cancel') return serveSession(context, request);
  if (operation === 'Preflight') return preflight(context.store.buckets.get(target.bucket ?? ''), request);
  if (operation === 'PostObject') return postForm(context, context.store.bucket(target.bucket ?? ''), request);
  const headers = readHeaders(request);
  const bucketOfHost = hostBucket(request, target);
  const signed = authenticate(request, bucketOfHost, context);
  checkAccess(context, operation, target, request, signed);
  const project = (): string => projectOf(headers, signed, settings);
  const { bucket: name, key } = target;
  if (name === undefined) return listBuckets(context, project());
  if (operation === 'CreateBucket')
    return putBucket(context, name, { headers, project: project(), body: await readBody(request) });
  const bucket = context.store.bucket(name);
  const call: XmlCall = { context, request, headers, signed, bucket, key: key ?? '', origin };
  checkBilling(bucket, request, headers);
  const answer = await (key === undefined ? onBucket(operation, call) : onObject(operation, call));
  const named = isAmazon(request) ? withAmazonNames(answer) : answer;
  return { ...named, headers: { ...named.headers, ...corsHeaders(bucket, request) } };
}

function projectOf(headers: Headers, { hasProject }: Signed, settings: XmlSettings): string {
  const project = headers['x-goog-project-id'] ?? (hasProject === true ? settings.project : undefined);
  if (project !== undefined) return project;
  throw invalid('x-goog-project-id must be given.', 'required');
}

/** The bucket that the host names, which V2 signatures cover as if it stood in the path. */
function hostBucket({ rawPath }: EmulatedRequest, { bucket }: Target): string | undefined {
  if (bucket === undefined) return undefined;
  const first = rawPath.slice(1).split('/')[0] ?? '';
  return first === bucket || first === encodeURIComponent(bucket) ? undefined : bucket;
}

function checkAccess(
  context: GcsContext,
  operation: string,
  { bucket: name, key }: Target,
  { method, query }: EmulatedRequest,
  { principal }: Signed,
): void {
  if (principal.email !== undefined) {
    checkScopes(principal, method !== 'GET' && method !== 'HEAD');
    return;
  }
  const bucket = context.store.buckets.get(name ?? '');
  if (bucket && isPublicRead(bucket, operation, key, query.get('generation'))) return;
  throw forbidden('Anonymous caller does not have access, or the resource does not exist.');
}

function checkBilling(bucket: Bucket, { query }: EmulatedRequest, headers: Headers): void {
  const pays = (bucket.config['billing'] as { requesterPays?: boolean } | undefined)?.requesterPays === true;
  if (!pays || query.has('userProject') || headers['x-goog-user-project'] !== undefined) return;
  throw invalid('Bucket is a requester pays bucket but no user project provided.', 'required', 'UserProjectMissing');
}

async function onBucket(operation: string, call: XmlCall): Promise<EmulatedResponse> {
  const { bucket, request, context, headers } = call;
  switch (operation) {
    case 'HeadBucket':
      return { status: 200, headers: { 'x-goog-metageneration': String(bucket.metageneration) } };
    case 'DeleteBucket':
      removeBucket(context, bucket);
      return { status: 204 };
    case 'ListObjects':
      return { status: 200, headers: XML, body: listObjects(bucket, request) };
    case 'ListObjectVersions':
      return { status: 200, headers: XML, body: listVersions(bucket, request) };
    case 'ListMultipartUploads':
      return listUploads(bucket, request);
    case 'DeleteObjects':
      return deleteObjects(context, bucket, headers, Buffer.concat((await readBytes(call)).blocks));
    case 'BucketVersioning':
      return serveVersioning(bucket, request, Buffer.concat((await readBytes(call)).blocks));
    case 'GetBucketLocation':
      return serveLocation(bucket);
    case 'BucketAcl':
      return serveAcl(call);
    default:
      throw notImplemented(operation);
  }
}

function onObject(operation: string, call: XmlCall): EmulatedResponse | Promise<EmulatedResponse> {
  switch (operation) {
    case 'GetObject':
    case 'HeadObject':
      return getObject(call);
    case 'PutObject':
      return putObject(call);
    case 'CopyObject':
      return copyObject(call);
    case 'ComposeObject':
      return compose(call);
    case 'DeleteObject':
      return deleteObject(call);
    case 'ObjectAcl':
      return serveAcl(call);
    case 'resumable.start':
      return startUpload(call);
    case 'CreateMultipartUpload':
      return createUpload(call);
    case 'UploadPart':
    case 'UploadPartCopy':
      return uploadPart(call);
    case 'CompleteMultipartUpload':
      return completeUpload(call);
    case 'ListParts':
      return listParts(call);
    case 'AbortMultipartUpload':
      return abortUpload(call);
    default:
      throw notImplemented(operation);
  }
}

function notImplemented(operation: string): GcsError {
  return new GcsError(501, 'notImplemented', 'NotImplemented', `The emulator does not know ${operation}.`);
}

/** Clients of S3 look for their own names. */
function withAmazonNames(answer: EmulatedResponse): EmulatedResponse {
  const { 'x-goog-storage-class': storageClass, 'x-goog-generation': version, ...rest } = answer.headers ?? {};
  return { ...answer, headers: { ...rest, 'x-amz-storage-class': storageClass, 'x-amz-version-id': version } };
}
