import type { OpenStackOptions } from './options.js';

/** What can be relied on at one kind of service. */
export interface ServiceFacts {
  readonly name: 'swift' | 'ceph' | 'cloudfiles';
  /**
   * A read or a listing that meets a write may tell what was before it, or find nothing.
   * https://docs.openstack.org/swift/latest/overview_architecture.html
   */
  readonly eventual: boolean;
  /** `If-None-Match: *` is looked at when a put begins. */
  readonly createOnly: boolean;
  /** Conditions of a copy's source hold. */
  readonly copySourceCondition: boolean;
  /** A copy may take a range of its source, and reads large objects as what they say rather than as their manifest. */
  readonly copyRanges: boolean;
  /** Listings may begin at the end. */
  readonly reverse: boolean;
  /** Listings tell which rows are static large objects, and their sizes. */
  readonly listsLarge: boolean;
  /** Lists of containers take a prefix and a limit together. */
  readonly picksContainers: boolean;
  /** Delimiters by which listings fold without losing a key. */
  readonly delimiter: 'any' | '/';
  readonly versions: boolean;
  readonly website: boolean;
  readonly forms: boolean;
  readonly cdn: boolean;
  /** Takes archives and stores what is in them. */
  readonly bulkUpload: boolean;
  /** Digest of TempURLs where the service does not tell which it takes. */
  readonly tempUrlDigest: 'sha1' | 'sha256';
}

/** What live tests see of Swift 2.30. */
const SWIFT: ServiceFacts = {
  name: 'swift',
  eventual: true,
  createOnly: true,
  copySourceCondition: true,
  copyRanges: true,
  reverse: true,
  listsLarge: true,
  picksContainers: true,
  delimiter: 'any',
  versions: true,
  website: true,
  forms: true,
  cdn: false,
  bulkUpload: true,
  tempUrlDigest: 'sha1',
};

/** What live tests see of the Swift API of Ceph 16. */
const CEPH: ServiceFacts = {
  ...SWIFT,
  name: 'ceph',
  eventual: false,
  createOnly: false,
  copySourceCondition: false,
  copyRanges: false,
  reverse: false,
  listsLarge: false,
  picksContainers: false,
  delimiter: '/',
  versions: false,
  forms: false,
  bulkUpload: false,
};

/** https://docs-ospc.rackspace.com/cloud-files/v1: Swift without versions by header and without the upload of archives. */
const CLOUDFILES: ServiceFacts = { ...SWIFT, name: 'cloudfiles', versions: false, cdn: true, bulkUpload: false };

/** The facts of the service that is named, or that the name in the catalog tells of. */
export function serviceFacts({ service, serviceName, cdnManagementUrl }: OpenStackOptions): ServiceFacts {
  const name = service ?? (serviceName?.toLowerCase() === 'cloudfiles' ? 'cloudfiles' : 'swift');
  const facts = { swift: SWIFT, ceph: CEPH, cloudfiles: CLOUDFILES }[name] ?? SWIFT;
  return cdnManagementUrl === undefined ? facts : { ...facts, cdn: true };
}
