import { digestOf } from '@stowage/core/spi';
import { hexToBase64, isSafeChannel } from '@stowage/http';
import { type GcsOptions, refuse } from './options.js';
import type { Dialect } from './requests.js';

/** Headers of encryption, ready to be added; empty arrays where the options ask for none. */
export interface EncryptionHeaders {
  /** On puts and copies: what encrypts the new object. */
  readonly write: readonly string[];
  /** On reads, heads and parts: the customer's key. */
  readonly read: readonly string[];
  /** On copies: the customer's key of the source. */
  readonly copySource: readonly string[];
}

/** https://cloud.google.com/storage/docs/encryption/customer-supplied-keys: the key must not travel in clear. */
export function encryptionHeaders(options: GcsOptions, origin: string, dialect: Dialect): EncryptionHeaders {
  const { customerKey, kmsKeyName } = options;
  if (customerKey === undefined && kmsKeyName === undefined) return { write: [], read: [], copySource: [] };
  if (dialect !== 'x-goog-') refuse('Keys of encryption cannot travel in the AWS dialect; remove "signature": "aws4".');
  if (customerKey === undefined)
    return { write: ['x-goog-encryption-kms-key-name', kmsKeyName as string], read: [], copySource: [] };
  if (!isSafeChannel(origin)) refuse('"customerKey" travels with every request, so it needs an https endpoint.');
  const hash = hexToBase64(digestOf('sha256', Buffer.from(customerKey, 'base64')));
  const headers = (prefix: string): readonly string[] => [
    ...[`${prefix}encryption-algorithm`, 'AES256'],
    ...[`${prefix}encryption-key`, customerKey],
    ...[`${prefix}encryption-key-sha256`, hash],
  ];
  const own = headers('x-goog-');
  return { write: own, read: own, copySource: headers('x-goog-copy-source-') };
}
