import { type ProviderOptions, StorageError } from '@stowage/core/spi';

type Operation = 'read' | 'put' | 'copy' | 'delete' | 'create';

/** Options of S3 alone, by the header that carries them: `provider: { websiteRedirectLocation: '/new' }`. */
const HEADERS: Readonly<Record<Operation, Readonly<Record<string, string>>>> = {
  read: { expectedBucketOwner: 'x-amz-expected-bucket-owner', requestPayer: 'x-amz-request-payer' },
  put: {
    expectedBucketOwner: 'x-amz-expected-bucket-owner',
    requestPayer: 'x-amz-request-payer',
    serverSideEncryption: 'x-amz-server-side-encryption',
    kmsKeyId: 'x-amz-server-side-encryption-aws-kms-key-id',
    kmsContext: 'x-amz-server-side-encryption-context',
    bucketKeyEnabled: 'x-amz-server-side-encryption-bucket-key-enabled',
    websiteRedirectLocation: 'x-amz-website-redirect-location',
    expires: 'expires',
    objectLockMode: 'x-amz-object-lock-mode',
    objectLockRetainUntil: 'x-amz-object-lock-retain-until-date',
    legalHold: 'x-amz-object-lock-legal-hold',
    grantFullControl: 'x-amz-grant-full-control',
    grantRead: 'x-amz-grant-read',
  },
  copy: {},
  delete: {
    expectedBucketOwner: 'x-amz-expected-bucket-owner',
    requestPayer: 'x-amz-request-payer',
    mfa: 'x-amz-mfa',
    bypassGovernanceRetention: 'x-amz-bypass-governance-retention',
  },
  create: {
    acl: 'x-amz-acl',
    objectOwnership: 'x-amz-object-ownership',
    objectLockEnabled: 'x-amz-bucket-object-lock-enabled',
  },
};

/** Names in lower case and values in turn. Throws `unsupported` for an option that S3 does not have. */
export function providerHeaders(operation: Operation, options: ProviderOptions | undefined): readonly string[] {
  if (options === undefined) return [];
  const known = operation === 'copy' ? HEADERS.put : HEADERS[operation];
  return Object.entries(options).flatMap(([name, value]) => {
    const header = Object.hasOwn(known, name) ? known[name] : undefined;
    if (header === undefined) {
      throw new StorageError(
        'unsupported',
        `S3 has no provider option "${name}" for ${operation}; it has ${Object.keys(known).join(', ')}.`,
      );
    }
    return [header, headerText(name, value)];
  });
}

function headerText(name: string, value: unknown): string {
  const text =
    value instanceof Date ? value.toISOString() : value === true && name === 'requestPayer' ? 'requester' : value;
  const isText = typeof text === 'string' || typeof text === 'boolean' || typeof text === 'number';
  if (isText && /^[\x20-\x7e]*$/.test(String(text))) return String(text);
  throw new StorageError('invalid-argument', `The provider option "${name}" must be plain ASCII text.`);
}
