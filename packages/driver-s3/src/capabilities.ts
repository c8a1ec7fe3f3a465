import type { Capabilities, ChecksumAlgorithm, PutAttributes, WriteConditions } from '@stowage/core/spi';
import { MAX_PRESIGN_SECONDS } from '@stowage/http';
import type { ServiceFacts, UploadDigest } from './service.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const PART_LIMITS = { minBytes: 5 * MIB, maxBytes: 5 * GIB, maxParts: 10_000, maxObjectBytes: 5 * 1024 * GIB };

const CONTENT: readonly (keyof PutAttributes)[] = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'metadata',
  'storageClass',
];

export function capabilitiesOf(facts: ServiceFacts, digest: UploadDigest, isAnonymous: boolean): Capabilities {
  const conditions: (keyof WriteConditions)[] = [];
  if (facts.createOnly) conditions.push('ifNoneMatch');
  if (facts.ifMatchPut) conditions.push('ifMatch');
  const attributes: (keyof PutAttributes)[] = [...CONTENT];
  if (facts.tags) attributes.push('tags');
  if (facts.acl) attributes.push('acl');
  const upload = uploadAlgorithms(digest, isAnonymous);
  return {
    keys: { maxBytes: 1024 },
    containers: { refuse: refuseBucketName },
    list: { order: 'bytes', delimiter: 'any', startAfter: true, maxLimit: 1000, consistency: 'strong', prefix: true },
    read: {
      ranges: true,
      suffixRanges: true,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSinceMs', 'ifUnmodifiedSinceMs'],
    },
    put: { maxBytes: 5 * GIB, unknownSize: false, conditions, attributes },
    delete: { conditions: facts.ifMatchDelete ? ['ifMatch'] : [], tellsMissing: false },
    metadata: { names: 'lower-case', maxBytes: 2048 },
    checksums: { upload, reported: reportedAlgorithms(facts) },
    parts: {
      ...PART_LIMITS,
      multipleOf: 1,
      sequential: false,
      thresholdBytes: 16 * MIB,
      conditions: facts.completeConditions ? conditions : [],
      upload,
    },
    copy: {
      maxBytes: 5 * GIB,
      conditions: facts.copyConditions ? [...conditions, 'sourceIfMatch'] : [],
      attributes,
    },
    bulkDelete: { maxKeys: 1000 },
    urls: isAnonymous ? undefined : { methods: ['GET', 'HEAD', 'PUT', 'DELETE'], maxSeconds: MAX_PRESIGN_SECONDS },
  };
}

/** Which digest core is to compute before a body is sent: the driver uses just that. */
function uploadAlgorithms(digest: UploadDigest, isAnonymous: boolean): readonly ChecksumAlgorithm[] {
  if (digest !== 'payload') return [digest];
  return isAnonymous ? ['md5'] : ['sha256'];
}

function reportedAlgorithms(facts: ServiceFacts): readonly ChecksumAlgorithm[] {
  const md5: readonly ChecksumAlgorithm[] = facts.etagIsMd5 === true ? ['md5'] : [];
  return facts.checksums ? ['crc32', 'crc32c', 'crc64nvme', 'sha256', 'sha1', ...md5] : md5;
}

/** What no S3 service takes; the finer rules differ, and the service tells of them. */
function refuseBucketName(name: string): string | undefined {
  if (name.length < 3 || name.length > 255) return 'a bucket name has 3 to 63 characters (255 at some services)';
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
    ? undefined
    : 'a bucket name holds letters, digits, "-", "." and "_", and begins with a letter or digit';
}
