import type { Capabilities, ChecksumAlgorithm } from '@stowage/core/spi';
import { MAX_PAGE } from './directory.js';
import { MAX_KEY_BYTES, refuseContainer, refuseKey } from './names.js';
import type { ServiceFacts } from './options.js';
import { refuseMetadataName } from './tag-headers.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Ten years. The scheme sets no bound. */
const MAX_URL_SECONDS = 10 * 365 * 24 * 3600;
const MAX_METADATA_BYTES = 4096;

/** What the driver can do at this service, as data. */
export function capabilitiesOf(facts: ServiceFacts): Capabilities {
  const compared: readonly ChecksumAlgorithm[] = facts.checksum === undefined ? [] : [facts.checksum];
  const reported: readonly ChecksumAlgorithm[] = facts.checksum === 'sha1' ? ['sha1'] : ['md5'];
  return {
    keys: { maxBytes: MAX_KEY_BYTES, refuse: refuseKey },
    containers: { refuse: refuseContainer },
    list: {
      order: 'none',
      delimiter: '/',
      startAfter: false,
      maxLimit: MAX_PAGE,
      consistency: 'strong',
      prefix: true,
    },
    read: {
      ranges: true,
      suffixRanges: true,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSinceMs', 'ifUnmodifiedSinceMs'],
    },
    put: {
      maxBytes: 5 * GIB,
      unknownSize: false,
      conditions: ['ifNoneMatch'],
      attributes: ['contentType', 'metadata', 'tags', 'acl'],
    },
    delete: { conditions: [], tellsMissing: true },
    metadata: { names: 'exact', maxBytes: MAX_METADATA_BYTES, refuse: refuseMetadataName },
    checksums: { upload: compared, reported },
    parts: {
      minBytes: 1,
      maxBytes: 5 * GIB,
      maxParts: 1_000_000,
      multipleOf: 1,
      uniform: true,
      sequential: true,
      thresholdBytes: 16 * MIB,
      conditions: ['ifNoneMatch'],
      upload: [],
      whole: reported[0],
    },
    move: { conditions: ['ifNoneMatch'], attributes: [] },
    urls: { methods: ['GET', 'HEAD', 'DELETE'], maxSeconds: MAX_URL_SECONDS },
  };
}
