import { digestOf } from '@stowage/core/spi';
import type { S3Options } from './options.js';
import { refuse } from './options.js';
import { toBase64 } from './wire.js';

/** Headers of encryption, ready to be added; empty arrays where the options ask for none. */
export interface EncryptionHeaders {
  /** On puts and copies: what encrypts the new object. */
  readonly write: readonly string[];
  /** On reads, heads and parts: the customer's key. */
  readonly read: readonly string[];
  /** On copies: the customer's key of the source. */
  readonly copySource: readonly string[];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html: the key must not travel in clear. */
export function encryptionHeaders(options: S3Options, isTls: boolean): EncryptionHeaders {
  const { customerKey, serverSideEncryption, kmsKeyId } = options;
  if (customerKey === undefined) {
    const write = serverSideEncryption === undefined ? [] : ['x-amz-server-side-encryption', serverSideEncryption];
    const key = kmsKeyId === undefined ? [] : ['x-amz-server-side-encryption-aws-kms-key-id', kmsKeyId];
    return { write: [...write, ...key], read: [], copySource: [] };
  }
  if (!isTls) refuse('"customerKey" (SSE-C) travels with every request, so it needs an https endpoint.');
  const md5 = toBase64(digestOf('md5', Buffer.from(customerKey, 'base64')));
  const headers = (prefix: string): readonly string[] => [
    ...[`${prefix}server-side-encryption-customer-algorithm`, 'AES256'],
    ...[`${prefix}server-side-encryption-customer-key`, customerKey],
    ...[`${prefix}server-side-encryption-customer-key-md5`, md5],
  ];
  return { write: headers('x-amz-'), read: headers('x-amz-'), copySource: headers('x-amz-copy-source-') };
}
