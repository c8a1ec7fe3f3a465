import { type OptionsOf, type OptionTable, StorageError } from '@stowage/core/spi';
import { placeOptionTable, transportOptionTable } from '@stowage/http';

/** Every option of the driver. `user` and `key` are the names that Django settings use. */
export const optionTable = {
  ...transportOptionTable,
  user: {
    type: 'string',
    aliases: ['accessKeyId', 'accessKey'],
    about:
      'Access key id. Without it and without "anonymous", credentials come from the AWS chain of environment, profile, SSO, web identity, ECS and EC2.',
  },
  key: {
    type: 'string',
    secret: true,
    aliases: ['secretAccessKey', 'secret', 'secretKey'],
    about: 'Secret access key that goes with "user".',
  },
  token: { type: 'string', secret: true, aliases: ['sessionToken'], about: 'Session token of temporary credentials.' },
  anonymous: { type: 'boolean', about: 'Sends requests without a signature, for public buckets. Default false.' },
  profile: { type: 'string', about: 'Profile of the AWS configuration files, for the credential chain.' },
  region: { type: 'string', about: 'Region that requests are signed for, such as "eu-west-1". Default "us-east-1".' },
  locationConstraint: {
    type: 'string',
    about: 'LocationConstraint of new buckets; "" sends none. Default: the region, none for us-east-1.',
  },
  endpoint: {
    type: 'string',
    about: 'Address of the service, such as "https://storage.example.com:9000". Default: Amazon\'s for the region.',
  },
  ...placeOptionTable,
  pathStyle: {
    type: 'boolean',
    aliases: ['forcePathStyle'],
    about: 'Puts the bucket into the path rather than the host name. Default: as the endpoint needs.',
  },
  service: {
    type: 'string',
    about:
      'What answers at a custom endpoint: "aws", "ceph", "minio", "r2", "b2", "wasabi", "swift" or "generic". Decides which checks and conditions are relied on. Default: by the endpoint\'s name, else "generic".',
  },
  checksum: {
    type: 'string',
    about:
      'Digest that is sent with uploads: "crc32", "crc32c", "crc64nvme" or "sha256" as a checksum of S3, "payload" for the signed SHA-256 of the body, or "md5" for Content-MD5. Default: the cheapest that the service is known to compare.',
  },
  requestPayer: {
    type: 'boolean',
    about: 'Agrees to pay for requests to buckets whose owner asks for it. Default false.',
  },
  storageClass: {
    type: 'string',
    aliases: ['exStorageClass'],
    about: "Storage class of new objects, where a put does not name one. Default: the service's.",
  },
  serverSideEncryption: {
    type: 'string',
    about: 'Encryption of new objects: "AES256", "aws:kms" or "aws:kms:dsse". Default: the bucket\'s.',
  },
  kmsKeyId: { type: 'string', about: 'Key of AWS KMS, with "serverSideEncryption" "aws:kms".' },
  customerKey: {
    type: 'string',
    secret: true,
    about: 'Key of 32 bytes, base64, for SSE-C: every object is written and read with it. HTTPS only.',
  },
  accelerate: { type: 'boolean', about: 'Uses S3 Transfer Acceleration. Default false.' },
  dualStack: { type: 'boolean', about: "Uses Amazon's endpoints for IPv6 and IPv4. Default false." },
  cdnUrlExpirySeconds: {
    type: 'number',
    about: 'Life of the URLs that getCdnUrl() signs. Seconds; default 86400, as in Libcloud.',
  },
} as const satisfies OptionTable;

export type S3Options = OptionsOf<typeof optionTable>;

/** Throws `invalid-argument` for options that do not fit together, before any request. */
export function checkOptions(options: S3Options): void {
  checkCredentials(options);
  checkEncryption(options);
}

function checkCredentials({ user, key, token, anonymous }: S3Options): void {
  const [given, missing] = user === undefined ? ['key', 'user'] : ['user', 'key'];
  if ((user === undefined) !== (key === undefined))
    refuse(`"${given}" is given without "${missing}"; give both, or none for the AWS credential chain.`);
  if (anonymous === true && user !== undefined) refuse('"anonymous" and "user" exclude each other; remove one.');
  if (token !== undefined && user === undefined) refuse('"token" needs "user" and "key".');
}

function checkEncryption({ customerKey, serverSideEncryption, kmsKeyId }: S3Options): void {
  if (customerKey !== undefined && Buffer.from(customerKey, 'base64').length !== 32)
    refuse('"customerKey" must be 32 bytes in base64; make one with: openssl rand -base64 32');
  if (customerKey !== undefined && serverSideEncryption !== undefined)
    refuse('"customerKey" (SSE-C) and "serverSideEncryption" exclude each other; remove one.');
  const algorithms = ['AES256', 'aws:kms', 'aws:kms:dsse'];
  if (serverSideEncryption !== undefined && !algorithms.includes(serverSideEncryption))
    refuse(`"serverSideEncryption" must be one of ${algorithms.join(', ')}, not "${serverSideEncryption}".`);
  if (kmsKeyId !== undefined && serverSideEncryption?.startsWith('aws:kms') !== true)
    refuse('"kmsKeyId" needs "serverSideEncryption" to be "aws:kms".');
}

export function refuse(message: string): never {
  throw new StorageError('invalid-argument', message);
}
