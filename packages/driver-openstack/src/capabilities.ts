import type { Capabilities, PutAttributes } from '@stowage/core/spi';
import { refuseContainer, refuseKey, refuseMetadataName } from './names.js';
import type { ServiceFacts } from './service.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** https://docs.openstack.org/swift/latest/api/large_objects.html */
export const MAX_SEGMENTS = 1000;
export const MAX_PUT_BYTES = 5 * GIB;
export const MAX_PAGE = 10_000;
/** Rows of a page when the caller does not say. A page of 10,000 would hold up everything else for 50 ms. */
export const PAGE = 2_000;

const ATTRIBUTES: readonly (keyof PutAttributes)[] = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'metadata',
];

/** What the driver can do at this service, as data. */
export function capabilitiesOf(facts: ServiceFacts, isAnonymous: boolean): Capabilities {
  const create = facts.createOnly ? (['ifNoneMatch'] as const) : [];
  return {
    keys: { maxBytes: 1024, refuse: refuseKey },
    containers: { refuse: refuseContainer },
    list: {
      order: 'bytes',
      delimiter: facts.delimiter,
      startAfter: true,
      maxLimit: MAX_PAGE,
      consistency: facts.eventual ? 'eventual' : 'strong',
      prefix: true,
      tellsSizes: facts.listsLarge,
    },
    read: {
      ranges: true,
      suffixRanges: true,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSinceMs', 'ifUnmodifiedSinceMs'],
      consistency: facts.eventual ? 'eventual' : 'strong',
    },
    put: {
      maxBytes: MAX_PUT_BYTES,
      unknownSize: true,
      conditions: create,
      racyConditions: create,
      attributes: ATTRIBUTES,
    },
    delete: { conditions: [], tellsMissing: true },
    metadata: { names: 'lower-case', maxBytes: 4096, refuse: refuseMetadataName },
    checksums: { upload: ['md5'], reported: ['md5'] },
    parts: {
      minBytes: 1,
      maxBytes: MAX_PUT_BYTES,
      maxParts: MAX_SEGMENTS,
      multipleOf: 1,
      sequential: false,
      thresholdBytes: 64 * MIB,
      conditions: create,
      upload: ['md5'],
    },
    copy: {
      maxBytes: MAX_PUT_BYTES,
      conditions: facts.copySourceCondition ? ['sourceIfMatch'] : [],
      attributes: ATTRIBUTES,
    },
    bulkDelete: { maxKeys: 1000 },
    urls: { methods: isAnonymous ? [] : ['GET', 'HEAD', 'PUT', 'DELETE'], maxSeconds: 10 * 365 * 24 * 3600 },
  };
}
