import { digestOf, StorageError } from '@stowage/core/spi';
import { hexToBase64, type WireResponse } from '@stowage/http';
import { refuse, type S3Options } from './options.js';
import type { ServiceFacts } from './service.js';

/** Headers of encryption, ready to be added; empty arrays where the options ask for none. */
export interface EncryptionHeaders {
  /** On puts and copies: what encrypts the new object. */
  readonly write: readonly string[];
  /** On reads, heads and parts: the customer's key. */
  readonly read: readonly string[];
  /** On copies: the customer's key of the source. */
  readonly copySource: readonly string[];
  /** Header by which the answer to a write confirms that the object is encrypted; undefined where nothing was asked. */
  readonly confirmation: string | undefined;
}

const NONE: EncryptionHeaders = { write: [], read: [], copySource: [], confirmation: undefined };
const CUSTOMER = 'server-side-encryption-customer-';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html: the key must not travel in clear. */
export function encryptionHeaders(options: S3Options, facts: ServiceFacts, isTls: boolean): EncryptionHeaders {
  const { customerKey, serverSideEncryption, kmsKeyId } = options;
  if (customerKey === undefined) {
    if (serverSideEncryption === undefined) return NONE;
    const key = kmsKeyId === undefined ? [] : ['x-amz-server-side-encryption-aws-kms-key-id', kmsKeyId];
    const write = ['x-amz-server-side-encryption', serverSideEncryption, ...key];
    return { ...NONE, write, confirmation: 'x-amz-server-side-encryption' };
  }
  if (!isTls) refuse('"customerKey" (SSE-C) travels with every request, so it needs an https endpoint.');
  if (!facts.customerKeys) refuse(`${facts.name} ignores "customerKey" and would store objects in clear; remove it.`);
  const md5 = hexToBase64(digestOf('md5', Buffer.from(customerKey, 'base64')));
  const headers = (prefix: string): readonly string[] => [
    ...[`${prefix}${CUSTOMER}algorithm`, 'AES256'],
    ...[`${prefix}${CUSTOMER}key`, customerKey],
    ...[`${prefix}${CUSTOMER}key-md5`, md5],
  ];
  const own = headers('x-amz-');
  const confirmation = `x-amz-${CUSTOMER}algorithm`;
  return { write: own, read: own, copySource: headers('x-amz-copy-source-'), confirmation };
}

/** Throws `unsupported` when a service answers to a write as if it had not been asked to encrypt: it stored in clear. */
export function checkEncrypted({ confirmation }: EncryptionHeaders, response: WireResponse): void {
  if (confirmation === undefined || response.header(confirmation) !== undefined) return;
  const message =
    'The service took the request and ignored its encryption: the object is stored in clear. Delete it, and remove "customerKey" or "serverSideEncryption" or use a service that has it.';
  throw new StorageError('unsupported', message, { status: response.status, retryable: false });
}
