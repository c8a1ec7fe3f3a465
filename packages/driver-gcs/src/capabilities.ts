import type { Capabilities, PartsCapabilities, PutAttributes, WriteConditions } from '@stowage/core/spi';
import { isUnfitForXml, MAX_PRESIGN_SECONDS } from '@stowage/http';
import type { Credential } from './credentials.js';
import type { GcsService } from './gcs-service.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** https://cloud.google.com/storage/quotas#objects */
const MAX_OBJECT_BYTES = 5 * 1024 * GIB;

const ATTRIBUTES: readonly (keyof PutAttributes)[] = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'metadata',
  'storageClass',
  'acl',
];

/** What the driver can do by its credentials, as data. */
export function capabilitiesOf({ dialect, options }: GcsService, credential: Credential): Capabilities {
  // The AWS dialect has no words for generations.
  const isGoogle = dialect === 'x-goog-';
  const conditions: readonly (keyof WriteConditions)[] = isGoogle ? ['ifMatch', 'ifNoneMatch'] : [];
  const signs = credential.kind === 'hmac' || credential.kind === 'oauth';
  return {
    keys: { maxBytes: 1024, refuse: refuseKey },
    containers: { refuse: refuseBucket },
    list: { order: 'bytes', delimiter: 'any', startAfter: true, maxLimit: 1000, consistency: 'strong', prefix: true },
    read: {
      ranges: true,
      suffixRanges: true,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSinceMs', 'ifUnmodifiedSinceMs'],
    },
    put: { maxBytes: MAX_OBJECT_BYTES, unknownSize: true, conditions, attributes: ATTRIBUTES },
    delete: { conditions: isGoogle ? ['ifMatch'] : [], tellsMissing: true },
    metadata: { names: 'lower-case', maxBytes: 8192 },
    checksums: { upload: isGoogle ? ['crc32c', 'md5'] : ['md5'], reported: ['crc32c', 'md5'] },
    parts: options.uploads === 'session' ? SESSION : multipart(isGoogle),
    copy: {
      maxBytes: MAX_OBJECT_BYTES,
      conditions: isGoogle ? ['ifMatch', 'ifNoneMatch', 'sourceIfMatch'] : [],
      attributes: ATTRIBUTES,
    },
    bulkDelete: { maxKeys: 1000, excludes: isUnfitForXml },
    urls: { methods: signs ? ['GET', 'HEAD', 'PUT', 'DELETE'] : [], maxSeconds: MAX_PRESIGN_SECONDS },
  };
}

/** https://cloud.google.com/storage/docs/multipart-uploads#considerations: no conditions. */
function multipart(isGoogle: boolean): PartsCapabilities {
  return {
    ...{ minBytes: 5 * MIB, maxBytes: 5 * GIB, maxParts: 10_000, maxObjectBytes: MAX_OBJECT_BYTES, multipleOf: 1 },
    ...{ sequential: false, thresholdBytes: 16 * MIB, conditions: [] },
    upload: isGoogle ? ['crc32c', 'md5'] : ['md5'],
  };
}

/** https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload */
const SESSION: PartsCapabilities = {
  ...{ minBytes: 256 * 1024, maxBytes: MAX_OBJECT_BYTES, maxParts: 1_000_000, maxObjectBytes: MAX_OBJECT_BYTES },
  ...{ multipleOf: 256 * 1024, sequential: true, thresholdBytes: 16 * MIB },
  conditions: ['ifMatch', 'ifNoneMatch'],
  upload: [],
};

/** https://cloud.google.com/storage/docs/objects#naming */
function refuseKey(key: string): string | undefined {
  if (/[\r\n]/.test(key)) return 'Google Cloud Storage has no carriage returns and line feeds in keys';
  if (key === '.' || key === '..') return 'Google Cloud Storage has no objects "." and ".."';
  return key.startsWith('.well-known/acme-challenge/')
    ? 'Google Cloud Storage has no objects below ".well-known/acme-challenge/"'
    : undefined;
}

/** https://cloud.google.com/storage/docs/buckets#naming; the finer rules differ by age, and Google tells. */
function refuseBucket(name: string): string | undefined {
  return /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(name)
    ? undefined
    : 'a bucket name has 3 to 63 lower-case letters, digits, "-", "_" and "."';
}
