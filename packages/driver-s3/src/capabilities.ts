import type { Capabilities, ChecksumAlgorithm, PutAttributes, WriteConditions } from '@stowage/core/spi';
import { isUnfitForXml, MAX_PRESIGN_SECONDS } from '@stowage/http';
import { refuseAmazonBucket, refuseAmazonKey, refuseBucket, refuseMinioKey } from './names.js';
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
];

/** What the driver can do at this service, as data. */
export function capabilitiesOf(facts: ServiceFacts, digest: UploadDigest, isAnonymous: boolean): Capabilities {
  const conditions: (keyof WriteConditions)[] = [];
  if (facts.createOnly) conditions.push('ifNoneMatch');
  if (facts.ifMatchPut) conditions.push('ifMatch');
  const attributes: (keyof PutAttributes)[] = [...CONTENT];
  if (facts.storageClasses) attributes.push('storageClass');
  if (facts.tags) attributes.push('tags');
  if (facts.acl) attributes.push('acl');
  return {
    ...nameRules(facts),
    list: {
      order: 'bytes',
      delimiter: facts.delimiters,
      startAfter: true,
      maxLimit: 1000,
      consistency: 'strong',
      prefix: true,
    },
    read: {
      ranges: true,
      suffixRanges: true,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSinceMs', 'ifUnmodifiedSinceMs'],
      ...(facts.eventualReads && { consistency: 'eventual' }),
    },
    put: { maxBytes: 5 * GIB, unknownSize: false, conditions, attributes },
    delete: { conditions: facts.ifMatchDelete ? ['ifMatch'] : [], tellsMissing: false },
    checksums: { upload: comparedDigests(digest, facts), reported: reportedDigests(facts) },
    parts: {
      ...PART_LIMITS,
      multipleOf: 1,
      uniform: facts.uniformParts,
      sequential: false,
      thresholdBytes: 16 * MIB,
      conditions: facts.completeConditions ? conditions : [],
      // All parts of an upload have the one kind of digest that it was begun with.
      upload: [firstDigest(digest)],
    },
    copy: { maxBytes: 5 * GIB, conditions: copyConditions(facts, conditions), attributes },
    bulkDelete: { maxKeys: 1000, excludes: isUnfitForXml },
    urls: { methods: isAnonymous ? [] : ['GET', 'HEAD', 'PUT', 'DELETE'], maxSeconds: MAX_PRESIGN_SECONDS },
  };
}

function nameRules(facts: ServiceFacts): Pick<Capabilities, 'keys' | 'containers' | 'metadata'> {
  const { name, foldsUnderscores } = facts;
  return {
    keys: { maxBytes: 1024, refuse: (key) => refuseKey(facts, key) },
    containers: { refuse: name === 'aws' ? refuseAmazonBucket : refuseBucket },
    metadata: { names: 'lower-case', maxBytes: 2048, ...(foldsUnderscores && { refuse: refuseUnderscore }) },
  };
}

function refuseKey({ name, nullInKeys }: ServiceFacts, key: string): string | undefined {
  if (!nullInKeys && key.includes('\0')) return 'the service takes no character U+0000';
  if (name === 'aws') return refuseAmazonKey(key);
  return name === 'minio' ? refuseMinioKey(key) : undefined;
}

function refuseUnderscore(name: string): string | undefined {
  return name.includes('_') ? 'the service would turn "_" into "-"; use "-"' : undefined;
}

function copyConditions(
  facts: ServiceFacts,
  conditions: readonly (keyof WriteConditions)[],
): readonly (keyof WriteConditions | 'sourceIfMatch')[] {
  const target = facts.copyTargetConditions ? conditions : [];
  return facts.copySourceCondition ? [...target, 'sourceIfMatch'] : target;
}

/** The digest that core is to compute of every body: the driver uses just that. */
function firstDigest(digest: UploadDigest): ChecksumAlgorithm {
  return digest === 'payload' ? 'sha256' : digest;
}

/** Digests that go along with a body when they are known, the one to compute first. */
export function comparedDigests(digest: UploadDigest, facts: ServiceFacts): readonly ChecksumAlgorithm[] {
  const others: readonly ChecksumAlgorithm[] = facts.checksums
    ? ['crc32', 'crc32c', 'crc64nvme', 'sha256', 'sha1', 'md5']
    : ['md5'];
  const first = firstDigest(digest);
  return [first, ...others.filter((algorithm) => algorithm !== first)];
}

function reportedDigests(facts: ServiceFacts): readonly ChecksumAlgorithm[] {
  const md5: readonly ChecksumAlgorithm[] = facts.etag === 'md5' ? ['md5'] : [];
  return facts.checksums ? ['crc32', 'crc32c', 'crc64nvme', 'sha256', 'sha1', ...md5] : md5;
}
