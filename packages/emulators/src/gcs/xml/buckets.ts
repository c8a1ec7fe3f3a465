import type { EmulatedResponse } from '../../http-answer.js';
import type { EmulatedRequest } from '../../http-request.js';
import { checkDigests } from '../../s3/checksums.js';
import { listOf, parseXml, textOf, toXml, type XmlValue } from '../../s3/xml.js';
import { cannedAcl } from '../acl.js';
import { createBucket } from '../bucket.js';
import type { GcsContext } from '../context.js';
import { GcsError, invalid } from '../errors.js';
import { isoTime } from '../resource.js';
import type { Bucket, Json } from '../store.js';
import { checkMayGo } from '../write.js';
import type { Headers } from './headers.js';
import { NAMESPACE, XML } from './objects.js';

/** https://cloud.google.com/storage/docs/xml-api/get-service */
export function listBuckets(context: GcsContext, project: string): EmulatedResponse {
  const buckets = [...context.store.buckets.values()].filter((bucket) => bucket.project === project);
  const rows = buckets
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, createdAtMs }) => ({ Name: name, CreationDate: isoTime(createdAtMs) }));
  const body = toXml(
    'ListAllMyBucketsResult',
    { Owner: { ID: '00b4903a97', DisplayName: project }, Buckets: { Bucket: rows } },
    NAMESPACE,
  );
  return { status: 200, headers: XML, body };
}

/** https://cloud.google.com/storage/docs/xml-api/put-bucket-create */
export function putBucket(
  context: GcsContext,
  name: string,
  call: { readonly headers: Headers; readonly project: string; readonly body: Buffer },
): EmulatedResponse {
  const document = call.body.length === 0 ? {} : parseXml(call.body, 'CreateBucketConfiguration');
  const config: Json = {};
  const location = textOf(document['LocationConstraint']);
  const storageClass = textOf(document['StorageClass']);
  if (location !== undefined && location !== '' && location !== 'auto') config['location'] = location;
  if (storageClass !== undefined && storageClass !== '') config['storageClass'] = storageClass;
  const bucket = createBucket(context, name, call.project, config);
  const canned = call.headers['x-goog-acl'];
  if (canned !== undefined) bucket.acl = cannedAcl(canned, bucket.acl[0]);
  return { status: 200 };
}

/** https://cloud.google.com/storage/docs/xml-api/post-bucket-delete (many objects at once) */
export function deleteObjects(context: GcsContext, bucket: Bucket, headers: Headers, body: Buffer): EmulatedResponse {
  checkDigests(body, headers);
  const request = parseXml(body, 'Delete');
  const rows = listOf(request['Object']);
  if (rows.length === 0 || rows.length > 1000) throw invalid('Between 1 and 1000 objects are deleted at once.');
  const isQuiet = textOf(request['Quiet']) === 'true';
  const deleted: XmlValue[] = [];
  const errors: XmlValue[] = [];
  for (const row of rows) {
    const key = textOf(row['Key']) ?? '';
    const version = textOf(row['VersionId']);
    const named = { Key: key, ...(version !== undefined && { VersionId: version }) };
    try {
      deleteOne(context, bucket, key, version);
      if (!isQuiet) deleted.push(named);
    } catch (error) {
      if (!(error instanceof GcsError)) throw error;
      if (error.status === 404 && !isQuiet) deleted.push(named);
      if (error.status !== 404) errors.push({ ...named, Code: error.code, Message: error.message });
    }
  }
  return { status: 200, headers: XML, body: toXml('DeleteResult', { Deleted: deleted, Error: errors }, NAMESPACE) };
}

function deleteOne(context: GcsContext, bucket: Bucket, key: string, generation: string | undefined): void {
  const object = bucket.find(key, generation);
  const nowMs = context.nowMs();
  if (generation === undefined && bucket.keepsVersions) {
    bucket.retire(key, nowMs);
    return;
  }
  checkMayGo(object, nowMs);
  bucket.remove(object, nowMs);
}

/** `?versioning` and `?location`. */
export function serveVersioning(bucket: Bucket, request: EmulatedRequest, body: Buffer): EmulatedResponse {
  if (request.method === 'PUT') {
    const status = textOf(parseXml(body, 'VersioningConfiguration')['Status']);
    if (status !== 'Enabled' && status !== 'Suspended') throw invalid('Invalid status.', 'invalid', 'MalformedXML');
    bucket.config = { ...bucket.config, versioning: { enabled: status === 'Enabled' } };
    return { status: 200 };
  }
  const isKnown = bucket.config['versioning'] !== undefined;
  const document = isKnown ? { Status: bucket.keepsVersions ? 'Enabled' : 'Suspended' } : {};
  return { status: 200, headers: XML, body: toXml('VersioningConfiguration', document, NAMESPACE) };
}

export function serveLocation(bucket: Bucket): EmulatedResponse {
  return { status: 200, headers: XML, body: toXml('LocationConstraint', String(bucket.config['location']), NAMESPACE) };
}
