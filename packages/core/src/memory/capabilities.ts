import { DIGEST_HEX_DIGITS } from '../checksum/digest.js';
import type { Capabilities } from '../spi/capabilities.js';
import type { ChecksumAlgorithm } from '../spi/checksums.js';

const MIB = 1024 * 1024;
const MAX_OBJECT_BYTES = 2048 * MIB;
const MAX_CONTAINER_NAME_BYTES = 255;

/** Names what the driver can do, and how far. `pageSize` counts entries of one listing page. */
export function createCapabilities(pageSize: number): Capabilities {
  const attributes = [
    'contentType',
    'contentEncoding',
    'contentDisposition',
    'contentLanguage',
    'cacheControl',
    'metadata',
    'storageClass',
    'tags',
    'acl',
  ] as const;
  const algorithms = Object.keys(DIGEST_HEX_DIGITS) as ChecksumAlgorithm[];
  const copies = { conditions: ['ifMatch', 'ifNoneMatch', 'sourceIfMatch'], attributes } as const;
  return {
    keys: { maxBytes: 1024 },
    containers: { refuse: refuseContainerName },
    list: {
      order: 'bytes',
      delimiter: 'any',
      startAfter: true,
      maxLimit: pageSize,
      consistency: 'strong',
      prefix: true,
    },
    read: {
      ranges: true,
      suffixRanges: true,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSinceMs', 'ifUnmodifiedSinceMs'],
    },
    put: { maxBytes: MAX_OBJECT_BYTES, unknownSize: true, conditions: ['ifMatch', 'ifNoneMatch'], attributes },
    delete: { conditions: ['ifMatch'], tellsMissing: true },
    metadata: { names: 'exact', maxBytes: 8192 },
    checksums: { upload: algorithms, reported: ['md5'] },
    parts: {
      minBytes: 1,
      maxBytes: MAX_OBJECT_BYTES,
      maxParts: 10_000,
      multipleOf: 1,
      sequential: false,
      thresholdBytes: 8 * MIB,
      conditions: ['ifMatch', 'ifNoneMatch'],
      upload: algorithms,
    },
    copy: { maxBytes: MAX_OBJECT_BYTES, ...copies },
    move: copies,
    bulkDelete: { maxKeys: 1000 },
    urls: { methods: ['GET', 'HEAD', 'PUT', 'DELETE'], maxSeconds: 7 * 24 * 3600 },
  };
}

function refuseContainerName(name: string): string | undefined {
  if (name.includes('/')) return 'a container name holds no slash';
  if (Buffer.byteLength(name) > MAX_CONTAINER_NAME_BYTES)
    return `a container name has at most ${MAX_CONTAINER_NAME_BYTES} bytes`;
  return undefined;
}
