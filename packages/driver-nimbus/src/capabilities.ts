import type { Capabilities } from '@stowage/core/spi';
import { refuseKey } from './keys.js';
import { refuseContainer, refuseMetadataName } from './names.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** What a cluster can do, as data. It has no limit of its own for bodies; parts are kept countable. */
export const CAPABILITIES: Capabilities = Object.freeze<Capabilities>({
  keys: { maxBytes: 1024, refuse: refuseKey },
  containers: { refuse: refuseContainer },
  list: {
    // That of the database, which may be any.
    order: 'none',
    // The server's own hides keys.
    delimiter: 'none',
    startAfter: false,
    maxLimit: 1000,
    consistency: 'strong',
    prefix: true,
    tellsSizes: false,
  },
  read: {
    ranges: true,
    suffixRanges: true,
    conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSinceMs', 'ifUnmodifiedSinceMs'],
  },
  put: {
    maxBytes: 1024 * GIB,
    unknownSize: false,
    conditions: [],
    attributes: ['contentType', 'contentEncoding', 'contentDisposition', 'contentLanguage', 'cacheControl', 'metadata'],
  },
  delete: { conditions: [], tellsMissing: false },
  // All goes in the address of the upload, of which the server reads 8 KiB.
  metadata: { names: 'exact', maxBytes: 4096, refuse: refuseMetadataName },
  checksums: { upload: ['md5'], reported: ['crc32', 'md5'] },
  parts: {
    minBytes: 1,
    maxBytes: 5 * GIB,
    maxParts: 10_000,
    maxObjectBytes: 5 * 1024 * GIB,
    multipleOf: 1,
    sequential: false,
    // Up to here core knows the digest before it sends a body, and it is kept with the object.
    thresholdBytes: 8 * MIB,
    conditions: [],
    upload: ['md5'],
  },
  urls: { methods: [], maxSeconds: 0 },
});
