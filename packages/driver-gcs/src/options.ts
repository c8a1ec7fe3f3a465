import { type OptionsOf, type OptionTable, StorageError } from '@stowage/core/spi';
import { placeOptionTable, transportOptionTable } from '@stowage/http';

/** Every option of the driver. `user` and `key` are the names that Django settings use. */
export const optionTable = {
  ...transportOptionTable,
  user: {
    type: 'string',
    aliases: ['accessKeyId', 'clientEmail'],
    about:
      'Access id of an HMAC key ("GOOG1E...", or the older ones of 20 characters), or the e-mail address of a service account.',
  },
  key: {
    type: 'string',
    secret: true,
    aliases: ['secretAccessKey', 'secret', 'privateKey'],
    about:
      'Secret of the HMAC key; for a service account its private key as PEM text, or the path of a PEM or JSON key file.',
  },
  signature: {
    type: 'string',
    about: 'How requests with an HMAC key are signed: "goog4", "goog1" or "aws4". Default "goog4".',
  },
  keyFile: {
    type: 'string',
    aliases: ['keyFilename', 'keyPath'],
    about:
      'Path of a JSON file with credentials: key of a service account, workload identity federation, or those of a user.',
  },
  credentials: {
    type: 'object',
    secret: true,
    about: 'What such a JSON file holds, as an object.',
  },
  accessToken: {
    type: 'string',
    secret: true,
    aliases: ['token'],
    about: 'An OAuth token that was got elsewhere. It is not renewed.',
  },
  metadataServer: {
    type: 'boolean',
    about: "Takes tokens from the machine's metadata server, as on Compute Engine, GKE and Cloud Run. Default false.",
  },
  impersonate: {
    type: 'string',
    aliases: ['targetPrincipal'],
    about: 'E-mail address of a service account to act as; the other credentials must be allowed to.',
  },
  anonymous: { type: 'boolean', about: 'Sends requests without credentials, for public buckets. Default false.' },
  project: {
    type: 'string',
    aliases: ['projectId'],
    about:
      'Project in which buckets are made and listed. Default: that of the credentials, GOOGLE_CLOUD_PROJECT, or that of the machine.',
  },
  userProject: {
    type: 'string',
    about: 'Project that pays for requests to buckets whose requester pays. Default: none.',
  },
  endpoint: {
    type: 'string',
    about:
      'Address of the service, such as "https://storage-psc.p.googleapis.com". Default: STORAGE_EMULATOR_HOST, else "https://storage.googleapis.com".',
  },
  ...placeOptionTable,
  universeDomain: { type: 'string', about: 'Domain of a sovereign cloud. Default "googleapis.com".' },
  location: {
    type: 'string',
    aliases: ['region'],
    about: 'Where new buckets are, such as "EU" or "europe-west6". Default "US", as the service has it.',
  },
  storageClass: {
    type: 'string',
    aliases: ['exStorageClass'],
    about: "Storage class of new objects, where a put does not name one. Default: the bucket's.",
  },
  kmsKeyName: {
    type: 'string',
    about: 'Key of Cloud KMS that encrypts new objects: "projects/../locations/../keyRings/../cryptoKeys/..".',
  },
  customerKey: {
    type: 'string',
    secret: true,
    about: 'Key of 32 bytes, base64: every object is written and read with it (CSEK). HTTPS only.',
  },
  uploads: {
    type: 'string',
    about:
      'How large objects are sent: "multipart", in parallel parts, or "session", by a resumable session, one part after the other. Default "multipart".',
  },
} as const satisfies OptionTable;

export type GcsOptions = OptionsOf<typeof optionTable>;

/** Throws `invalid-argument` for options that do not fit together, before any request. */
export function checkOptions(options: GcsOptions): void {
  const { signature, uploads, customerKey, kmsKeyName, userProject } = options;
  oneOf('signature', signature, ['goog4', 'goog1', 'aws4']);
  oneOf('uploads', uploads, ['multipart', 'session']);
  if (signature === 'aws4' && uploads === 'session')
    refuse('"uploads": "session" is no call of the AWS dialect; remove "signature": "aws4".');
  if (signature === 'aws4' && userProject !== undefined)
    refuse('"userProject" cannot travel in the AWS dialect; remove "signature": "aws4".');
  if (customerKey !== undefined && Buffer.from(customerKey, 'base64').length !== 32)
    refuse('"customerKey" must be 32 bytes in base64; make one with: openssl rand -base64 32');
  if (customerKey !== undefined && kmsKeyName !== undefined)
    refuse('"customerKey" and "kmsKeyName" exclude each other; remove one.');
}

function oneOf(name: string, value: string | undefined, known: readonly string[]): void {
  if (value === undefined || known.includes(value)) return;
  refuse(`"${name}" must be ${known.map((word) => `"${word}"`).join(', ')}, not "${value}".`);
}

export function refuse(message: string): never {
  throw new StorageError('invalid-argument', message, { requestSent: false });
}
