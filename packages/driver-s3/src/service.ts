import type { ChecksumAlgorithm } from '@stowage/core/spi';
import { refuse, type S3Options } from './options.js';

/** What can be relied on at one S3 service. Nothing is sent to a service that is not known to understand it. */
export interface ServiceFacts {
  readonly name: string;
  /** Understands `x-amz-checksum-*`, compares them and gives them back. */
  readonly checksums: boolean;
  /** The ETag of a plain put is the MD5 of its bytes; undefined: not known, so nothing is concluded from it. */
  readonly etagIsMd5: boolean | undefined;
  readonly createOnly: boolean;
  readonly ifMatchPut: boolean;
  readonly ifMatchDelete: boolean;
  /** `If-None-Match` and `If-Match` hold when an upload in parts is completed. */
  readonly completeConditions: boolean;
  readonly copyConditions: boolean;
  readonly tags: boolean;
  readonly acl: boolean;
  /** All parts but the last must have one size. */
  readonly versions: boolean;
  readonly website: boolean;
}

const GENERIC: ServiceFacts = {
  name: 'generic',
  checksums: false,
  etagIsMd5: undefined,
  createOnly: false,
  ifMatchPut: false,
  ifMatchDelete: false,
  completeConditions: false,
  copyConditions: false,
  tags: true,
  acl: true,
  versions: true,
  website: true,
};

/**
 * Where the facts come from: Amazon's and Cloudflare's API references, MinIO's release notes, and what live tests saw of Ceph 16
 * and Swift's s3api, which ignore what they do not know.
 */
const SERVICES: Readonly<Record<string, ServiceFacts>> = {
  generic: GENERIC,
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
  aws: {
    ...GENERIC,
    name: 'aws',
    checksums: true,
    etagIsMd5: true,
    createOnly: true,
    ifMatchPut: true,
    ifMatchDelete: true,
    completeConditions: true,
    copyConditions: true,
  },
  minio: {
    ...GENERIC,
    name: 'minio',
    checksums: true,
    etagIsMd5: true,
    createOnly: true,
    ifMatchPut: true,
    completeConditions: true,
    copyConditions: true,
    website: false,
  },
  ceph: { ...GENERIC, name: 'ceph', etagIsMd5: true, createOnly: true },
  // https://developers.cloudflare.com/r2/api/s3/api/
  r2: {
    ...GENERIC,
    name: 'r2',
    etagIsMd5: true,
    createOnly: true,
    ifMatchPut: true,
    copyConditions: true,
    tags: false,
    acl: false,
    versions: false,
    website: false,
  },
  // https://www.backblaze.com/docs/cloud-storage-s3-compatible-api
  b2: { ...GENERIC, name: 'b2', etagIsMd5: true, tags: false, website: false },
  wasabi: { ...GENERIC, name: 'wasabi', etagIsMd5: true },
  swift: { ...GENERIC, name: 'swift', etagIsMd5: true, createOnly: true, tags: false, acl: false, website: false },
};

const BY_HOST: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)amazonaws\.com(\.cn)?$/, 'aws'],
  [/(^|\.)r2\.cloudflarestorage\.com$/, 'r2'],
  [/(^|\.)backblazeb2\.com$/, 'b2'],
  [/(^|\.)wasabisys\.com$/, 'wasabi'],
  [/(^|\.)outscale\.(com|hk)$/, 'ceph'],
];

/** The facts of the service that is named, or that the host's name tells of. */
export function serviceFacts(name: string | undefined, hostName: string): ServiceFacts {
  const known = name ?? BY_HOST.find(([pattern]) => pattern.test(hostName))?.[1] ?? 'generic';
  const facts = Object.hasOwn(SERVICES, known) ? SERVICES[known] : undefined;
  return facts ?? refuse(`"service" must be one of ${Object.keys(SERVICES).join(', ')}, not "${known}".`);
}

/** What the driver sends with an upload: an S3 checksum, or the signed SHA-256 of the body. */
export type UploadDigest = Extract<ChecksumAlgorithm, 'crc32' | 'crc32c' | 'crc64nvme' | 'sha256'> | 'payload';

const DIGESTS: readonly string[] = ['crc32', 'crc32c', 'crc64nvme', 'sha256', 'payload'];

export function uploadDigest(options: S3Options, facts: ServiceFacts): UploadDigest {
  const { checksum, anonymous } = options;
  if (checksum === undefined) return facts.checksums ? 'crc32' : 'payload';
  if (!DIGESTS.includes(checksum)) refuse(`"checksum" must be one of ${DIGESTS.join(', ')}, not "${checksum}".`);
  if (checksum === 'payload' && anonymous === true)
    refuse('"checksum" "payload" needs a signature, and "anonymous" sends none.');
  return checksum as UploadDigest;
}
