import type { ChecksumAlgorithm } from '@stowage/core/spi';
import { refuse, type S3Options } from './options.js';

/** What can be relied on at one S3 service. Nothing is asked of a service that is not known to heed it. */
export interface ServiceFacts {
  readonly name: string;
  /** Understands `x-amz-checksum-*` and `aws-chunked` trailers, compares them and gives them back. */
  readonly checksums: boolean;
  /** Compares the signed hash of a body, and `Content-MD5`, with the body. Elsewhere only an equal ETag proves it. */
  readonly comparesBodies: boolean;
  /** `md5`: an ETag of 32 digits is the MD5 of the object. `likely`: it may be; equality proves, difference does not. */
  readonly etag: 'md5' | 'likely';
  /** Takes bodies whose chunks are signed one by one, without trailers. */
  readonly signedChunks: boolean;
  /** `If-None-Match: *` holds for puts. */
  readonly createOnly: boolean;
  /** `If-Match` holds for puts. */
  readonly ifMatchPut: boolean;
  readonly ifMatchDelete: boolean;
  /** The conditions of puts hold when an upload in parts is completed. */
  readonly completeConditions: boolean;
  /** `x-amz-copy-source-if-match` holds. */
  readonly copySourceCondition: boolean;
  /** The conditions of puts hold for the target of a copy. */
  readonly copyTargetConditions: boolean;
  /** Conditions of puts are ignored, silently, in buckets that keep versions. */
  readonly ignoresConditionsOfVersions: boolean;
  /** Compares the ETag of `If-Match` on puts as text, so that it must come without quotes. */
  readonly bareWriteEtags: boolean;
  readonly tags: boolean;
  readonly acl: boolean;
  readonly versions: boolean;
  readonly website: boolean;
  readonly customerKeys: boolean;
  /** All parts of an upload but the last must have one size. */
  readonly uniformParts: boolean;
  /** Takes objects that a browser posts as a form. */
  readonly forms: boolean;
  /** Has storage classes beside the standard one. */
  readonly storageClasses: boolean;
  /** Keys may hold the character U+0000. */
  readonly nullInKeys: boolean;
  /** Delimiters by which listings fold without losing a key. Ceph 16 takes a key that ends with a longer one for a folder, and skips what follows. */
  readonly delimiters: 'any' | '/';
  /** Gives its buckets in pages. */
  readonly pagesBuckets: boolean;
  /** Says 200 to the creation of a bucket that the caller has already. */
  readonly createsOverOwn: boolean;
  /** Turns `_` in the names of metadata into `-`. */
  readonly foldsUnderscores: boolean;
  /** Escapes keys in lists of uploads without saying so. */
  readonly escapesUploadKeys: boolean;
  /** A read that meets a write may find nothing. */
  readonly eventualReads: boolean;
  /** Buckets are reached by host name only. */
  readonly virtualHosts: boolean;
}

const GENERIC: ServiceFacts = {
  name: 'generic',
  checksums: false,
  comparesBodies: false,
  etag: 'likely',
  signedChunks: false,
  createOnly: false,
  ifMatchPut: false,
  ifMatchDelete: false,
  completeConditions: false,
  copySourceCondition: false,
  copyTargetConditions: false,
  ignoresConditionsOfVersions: false,
  bareWriteEtags: false,
  tags: true,
  acl: true,
  versions: true,
  website: true,
  customerKeys: true,
  uniformParts: false,
  forms: true,
  storageClasses: true,
  nullInKeys: true,
  delimiters: 'any',
  pagesBuckets: false,
  createsOverOwn: true,
  foldsUnderscores: false,
  escapesUploadKeys: false,
  eventualReads: false,
  virtualHosts: false,
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html */
const AWS: ServiceFacts = {
  ...GENERIC,
  name: 'aws',
  checksums: true,
  comparesBodies: true,
  etag: 'md5',
  signedChunks: true,
  createOnly: true,
  ifMatchPut: true,
  ifMatchDelete: true,
  completeConditions: true,
  copySourceCondition: true,
  copyTargetConditions: true,
  pagesBuckets: true,
};

/** What live tests see of Ceph 16; later releases do all of this and more. */
const CEPH: ServiceFacts = {
  ...GENERIC,
  name: 'ceph',
  comparesBodies: true,
  etag: 'md5',
  signedChunks: true,
  createOnly: true,
  ifMatchPut: true,
  ignoresConditionsOfVersions: true,
  bareWriteEtags: true,
  foldsUnderscores: true,
  escapesUploadKeys: true,
  nullInKeys: false,
  delimiters: '/',
};

/** What live tests see of the S3 API of OpenStack Swift 2.30. Its ETags of objects that Swift clients wrote in segments look like MD5. */
const SWIFT: ServiceFacts = {
  ...GENERIC,
  name: 'swift',
  comparesBodies: true,
  copySourceCondition: true,
  eventualReads: true,
  tags: false,
  website: false,
  customerKeys: false,
  createsOverOwn: false,
  forms: false,
  storageClasses: false,
  nullInKeys: false,
};

/** Where the rest comes from: the services' own references. What they do not say is taken for absent. */
const SERVICES: Readonly<Record<string, ServiceFacts>> = {
  aws: AWS,
  ceph: CEPH,
  // https://min.io/docs/minio/linux/operations/concepts/thresholds.html
  minio: {
    ...AWS,
    name: 'minio',
    ifMatchDelete: false,
    copyTargetConditions: false,
    website: false,
    pagesBuckets: false,
    createsOverOwn: false,
  },
  // https://developers.cloudflare.com/r2/api/s3/api/
  r2: {
    ...GENERIC,
    name: 'r2',
    comparesBodies: true,
    etag: 'md5',
    createOnly: true,
    ifMatchPut: true,
    copySourceCondition: true,
    uniformParts: true,
    ...{ tags: false, acl: false, versions: false, website: false, forms: false },
  },
  // https://www.backblaze.com/docs/cloud-storage-s3-compatible-api
  b2: { ...GENERIC, name: 'b2', tags: false, acl: false, website: false, forms: false },
  // https://docs.wasabi.com/docs/wasabi-api
  wasabi: { ...GENERIC, name: 'wasabi' },
  swift: SWIFT,
  generic: GENERIC,
};

const BY_HOST: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)amazonaws\.com(\.cn)?$/, 'aws'],
  [/(^|\.)r2\.cloudflarestorage\.com$/, 'r2'],
  [/(^|\.)backblazeb2\.com$/, 'b2'],
  [/(^|\.)wasabisys\.com$/, 'wasabi'],
  [/(^|\.)(outscale\.(com|hk)|digitaloceanspaces\.com)$/, 'ceph'],
];

/** Services that answer only under the bucket's own host name. */
const VIRTUAL_HOSTS = /(^|\.)(aliyuncs|myqcloud)\.com$/;

const S3_CHECKSUMS: readonly string[] = ['crc32', 'crc32c', 'crc64nvme', 'sha256'];

/** The facts of the service that is named, or that the host's name tells of. */
export function serviceFacts({ service, checksum }: S3Options, hostName: string): ServiceFacts {
  const known = service ?? BY_HOST.find(([pattern]) => pattern.test(hostName))?.[1] ?? 'generic';
  const facts = Object.hasOwn(SERVICES, known) ? SERVICES[known] : undefined;
  if (!facts) refuse(`"service" must be one of ${Object.keys(SERVICES).join(', ')}, not "${known}".`);
  // Who asks for a checksum knows that the service understands it.
  const checksums = facts.checksums || (checksum !== undefined && S3_CHECKSUMS.includes(checksum));
  return { ...facts, checksums, virtualHosts: VIRTUAL_HOSTS.test(hostName) };
}

/** The checksums of S3: sent as `x-amz-checksum-*`, kept and given back. */
export type S3Checksum = Extract<ChecksumAlgorithm, 'crc32' | 'crc32c' | 'crc64nvme' | 'sha256'>;

/**
 * What the driver sends with an upload: a checksum of S3, the signed SHA-256 of the body (`payload`), or its `Content-MD5`, which comes
 * back as ETag where nobody knows whether the service compares anything.
 */
export type UploadDigest = S3Checksum | 'payload' | 'md5';

/** Chooses the digest. Throws `invalid-argument` for one that S3 does not have. */
export function uploadDigest({ checksum, anonymous }: S3Options, facts: ServiceFacts): UploadDigest {
  if (checksum === undefined) {
    if (facts.checksums) return 'crc32';
    return facts.comparesBodies && anonymous !== true ? 'payload' : 'md5';
  }
  const known = [...S3_CHECKSUMS, 'payload', 'md5'];
  if (!known.includes(checksum)) refuse(`"checksum" must be one of ${known.join(', ')}, not "${checksum}".`);
  if (checksum === 'payload' && anonymous === true)
    refuse('"checksum" "payload" needs a signature, and "anonymous" sends none.');
  return checksum as UploadDigest;
}

/** True for a digest that travels as `x-amz-checksum-*`. */
export function isS3Checksum(digest: UploadDigest): digest is S3Checksum {
  return digest !== 'payload' && digest !== 'md5';
}
