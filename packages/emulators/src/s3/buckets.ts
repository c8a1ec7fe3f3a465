import type { EmulatedResponse } from '../http-answer.js';
import type { EmulatedRequest } from '../http-request.js';
import { checkDigests } from './checksums.js';
import { S3Error } from './errors.js';
import { deleteObject } from './objects.js';
import type { Payload } from './payload.js';
import { Bucket, type S3Store } from './store.js';
import { listOf, parseXml, textOf, toXml, type XmlValue } from './xml.js';

const xml = { 'content-type': 'application/xml' };

export function listBuckets(store: S3Store, request: EmulatedRequest): EmulatedResponse {
  const prefix = request.query.get('prefix') ?? '';
  const after = request.query.get('continuation-token') ?? '';
  const limit = Number(request.query.get('max-buckets') ?? 10_000);
  const names = [...store.buckets.keys()].sort().filter((name) => name.startsWith(prefix) && name > after);
  const shown = names.slice(0, limit);
  const Bucket = shown.map((name) => {
    const { createdAtMs, region } = store.bucket(name);
    return { Name: name, CreationDate: new Date(createdAtMs).toISOString(), BucketRegion: region };
  });
  const more = names.length > shown.length ? { ContinuationToken: shown.at(-1) } : {};
  const body = toXml('ListAllMyBucketsResult', {
    Owner: { ID: 'emulated', DisplayName: 'emulated' },
    Buckets: { Bucket },
    ...more,
  });
  return { status: 200, headers: xml, body };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const NAME = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export function createBucket(
  store: S3Store,
  name: string,
  payload: Payload,
  { region, nowMs }: { readonly region: string; readonly nowMs: number },
): EmulatedResponse {
  if (!NAME.test(name))
    throw new S3Error(400, 'InvalidBucketName', 'The specified bucket is not valid.', { BucketName: name });
  if (store.buckets.has(name)) {
    throw new S3Error(
      409,
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      { BucketName: name },
    );
  }
  const constraint =
    payload.body.length === 0
      ? undefined
      : textOf(parseXml(payload.body, 'CreateBucketConfiguration')['LocationConstraint']);
  const asked = constraint === 'EU' ? 'eu-west-1' : (constraint ?? 'us-east-1');
  if (asked !== region) {
    throw new S3Error(
      400,
      'IllegalLocationConstraintException',
      `The ${constraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
  const bucket = new Bucket(name, region, nowMs);
  if (payload.headers['x-amz-bucket-object-lock-enabled'] === 'true') bucket.versioning = 'Enabled';
  store.buckets.set(name, bucket);
  return { status: 200, headers: { location: `/${name}` } };
}

export function deleteBucket(store: S3Store, bucket: Bucket): EmulatedResponse {
  if (!bucket.isEmpty)
    throw new S3Error(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty', {
      BucketName: bucket.name,
    });
  store.buckets.delete(bucket.name);
  return { status: 204 };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export function deleteObjects(bucket: Bucket, payload: Payload, nowMs: number): EmulatedResponse {
  const { headers, body } = payload;
  if (
    headers['content-md5'] === undefined &&
    !Object.keys(headers).some((name) => name.startsWith('x-amz-checksum-'))
  ) {
    throw new S3Error(
      400,
      'InvalidRequest',
      'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
    );
  }
  checkDigests(body, headers);
  const request = parseXml(body, 'Delete');
  const rows = listOf(request['Object']);
  if (rows.length === 0 || rows.length > 1000)
    throw new S3Error(
      400,
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  const isQuiet = textOf(request['Quiet']) === 'true';
  const deleted: XmlValue[] = [];
  const errors: XmlValue[] = [];
  for (const row of rows) {
    const key = textOf(row['Key']) ?? '';
    const versionId = textOf(row['VersionId']);
    try {
      const result = deleteObject(bucket, key, { versionId, ifMatch: textOf(row['ETag']), nowMs });
      if (!isQuiet)
        deleted.push({
          Key: key,
          ...(versionId !== undefined && { VersionId: versionId }),
          ...(result.isDeleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: result.versionId }),
        });
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      errors.push({ Key: key, VersionId: versionId, Code: error.code, Message: error.message });
    }
  }
  return { status: 200, headers: xml, body: toXml('DeleteResult', { Deleted: deleted, Error: errors }) };
}

/** Sub-resources that are kept as text and given back as they came, with the error for one that is not there. */
export const DOCUMENTS: Readonly<Record<string, string>> = {
  lifecycle: 'NoSuchLifecycleConfiguration',
  cors: 'NoSuchCORSConfiguration',
  policy: 'NoSuchBucketPolicy',
  website: 'NoSuchWebsiteConfiguration',
  tagging: 'NoSuchTagSet',
  publicAccessBlock: 'NoSuchPublicAccessBlockConfiguration',
  encryption: 'ServerSideEncryptionConfigurationNotFoundError',
  'object-lock': 'ObjectLockConfigurationNotFoundError',
  ownershipControls: 'OwnershipControlsNotFoundError',
};

export function serveDocument(bucket: Bucket, name: string, method: string, payload: Payload): EmulatedResponse {
  if (method === 'PUT') {
    bucket.documents.set(name, payload.body.toString('utf8'));
    return { status: 200 };
  }
  if (method === 'DELETE') {
    bucket.documents.delete(name);
    return { status: 204 };
  }
  const text = bucket.documents.get(name);
  if (text === undefined)
    throw new S3Error(404, DOCUMENTS[name] ?? 'NoSuchConfiguration', 'The configuration does not exist');
  return { status: 200, headers: name === 'policy' ? { 'content-type': 'application/json' } : xml, body: text };
}

export function serveVersioning(bucket: Bucket, method: string, payload: Payload): EmulatedResponse {
  if (method === 'PUT') {
    const status = textOf(parseXml(payload.body, 'VersioningConfiguration')['Status']);
    if (status !== 'Enabled' && status !== 'Suspended') throw new S3Error(400, 'MalformedXML');
    bucket.versioning = status;
    return { status: 200 };
  }
  const body = toXml('VersioningConfiguration', bucket.versioning === 'Off' ? {} : { Status: bucket.versioning });
  return { status: 200, headers: xml, body };
}

export function serveLocation(bucket: Bucket): EmulatedResponse {
  const body = toXml('LocationConstraint', bucket.region === 'us-east-1' ? '' : bucket.region);
  return { status: 200, headers: xml, body };
}

/** Tags of an object: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html */
export function serveObjectTags(
  bucket: Bucket,
  key: string,
  request: EmulatedRequest,
  payload: Payload,
): EmulatedResponse {
  const version = bucket.find(key, request.query.get('versionId'));
  if (request.method === 'GET') {
    const Tag = [...version.tags].map(([Key, Value]) => ({ Key, Value }));
    return { status: 200, headers: xml, body: toXml('Tagging', { TagSet: { Tag } }) };
  }
  const set =
    request.method === 'DELETE'
      ? []
      : listOf((parseXml(payload.body, 'Tagging')['TagSet'] as Record<string, unknown>)['Tag']);
  const tags = new Map(set.map((tag) => [textOf(tag['Key']) ?? '', textOf(tag['Value']) ?? '']));
  Object.assign(version, { tags });
  return { status: request.method === 'DELETE' ? 204 : 200 };
}
