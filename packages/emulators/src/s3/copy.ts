import type { EmulatedResponse } from '../http-answer.js';
import { checksumOf } from './checksums.js';
import { checkRead, checkWrite } from './conditions.js';
import { S3Error } from './errors.js';
import { type Attributes, checkCustomerKey, etagFor, readAttributes, writtenHeaders } from './objects.js';
import type { Bucket, S3Store, StoredVersion } from './store.js';
import { toXml } from './xml.js';

type Headers = Readonly<Record<string, string>>;

export const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** The version that `x-amz-copy-source` names, after its conditions. */
export function findCopySource(store: S3Store, headers: Headers): StoredVersion {
  const [path = '', query = ''] = (headers['x-amz-copy-source'] ?? '').split('?');
  const plain = decodeURIComponent(path.replace(/^\//, ''));
  const slash = plain.indexOf('/');
  if (slash < 1)
    throw new S3Error(
      400,
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  const versionId = new URLSearchParams(query).get('versionId') ?? undefined;
  const source = store.bucket(plain.slice(0, slash)).find(plain.slice(slash + 1), versionId);
  checkCustomerKey(source, headers, 'x-amz-copy-source-');
  checkRead(source, headers, 'x-amz-copy-source-');
  return source;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export function copyObject(
  store: S3Store,
  to: { readonly bucket: Bucket; readonly key: string },
  headers: Headers,
  nowMs: number,
): EmulatedResponse {
  const { bucket, key } = to;
  const source = findCopySource(store, headers);
  if (source.body.length > MAX_COPY_BYTES) {
    throw new S3Error(
      400,
      'InvalidRequest',
      'The specified copy source is larger than the maximum allowable size for a copy source: 5368709120',
    );
  }
  checkWrite(key, bucket.latest(key), headers);
  const attributes = copiedAttributes(source, headers, source === bucket.latest(key));
  const { body } = source;
  const checksum = {
    name: source.checksum?.name ?? 'crc64nvme',
    value: checksumOf(source.checksum?.name ?? 'crc64nvme', body),
  } as const;
  const etag = etagFor(attributes, body);
  const version = {
    key,
    versionId: bucket.newVersionId(),
    isDeleteMarker: false,
    body,
    etag,
    modifiedAtMs: nowMs,
    checksum,
    ...attributes,
  };
  bucket.write(version);
  return {
    status: 200,
    headers: {
      'content-type': 'application/xml',
      'x-amz-copy-source-version-id': source.versionId === 'null' ? undefined : source.versionId,
      ...writtenHeaders(bucket, version),
    },
    body: toXml('CopyObjectResult', { LastModified: new Date(nowMs).toISOString(), ETag: `"${etag}"` }),
  };
}

/** What the copy keeps of its source and what the request replaces. Throws when nothing would change. */
function copiedAttributes(source: StoredVersion, headers: Headers, isItself: boolean): Attributes {
  const given = readAttributes(headers);
  const replacesMetadata = headers['x-amz-metadata-directive'] === 'REPLACE';
  const replacesTags = headers['x-amz-tagging-directive'] === 'REPLACE';
  const changes =
    replacesMetadata ||
    replacesTags ||
    given.storageClass !== source.storageClass ||
    given.headers['x-amz-server-side-encryption'] !== undefined;
  if (isItself && !changes) {
    throw new S3Error(
      400,
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.",
    );
  }
  return {
    headers: replacesMetadata ? given.headers : source.headers,
    tags: replacesTags ? given.tags : source.tags,
    storageClass: given.storageClass,
    customerKeyMd5: given.customerKeyMd5,
  };
}
