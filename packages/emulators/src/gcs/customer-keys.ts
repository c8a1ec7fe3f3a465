import { createHash } from 'node:crypto';
import { invalid } from './errors.js';
import type { StoredObject } from './store.js';

type Headers = Readonly<Record<string, string>>;
type Prefix = 'x-goog-encryption-' | 'x-goog-copy-source-encryption-';

/**
 * The customer's key that a request carries, as base64 of its SHA-256; undefined when there is none.
 * https://cloud.google.com/storage/docs/encryption/customer-supplied-keys
 */
export function readCustomerKey(headers: Headers, prefix: Prefix = 'x-goog-encryption-'): string | undefined {
  const [algorithm, key, sha256] = ['algorithm', 'key', 'key-sha256'].map((name) => headers[prefix + name]);
  if (algorithm === undefined && key === undefined && sha256 === undefined) return undefined;
  if (algorithm !== 'AES256')
    throw invalid('The encryption algorithm must be AES256.', 'customerEncryptionAlgorithmIsInvalid');
  const bytes = Buffer.from(key ?? '', 'base64');
  if (bytes.length !== 32) throw invalid('The encryption key is invalid.', 'customerEncryptionKeyFormatIsInvalid');
  const computed = createHash('sha256').update(bytes).digest('base64');
  if (computed !== sha256)
    throw invalid('Provided encryption key SHA256 is invalid.', 'customerEncryptionKeySha256IsInvalid');
  return computed;
}

/** Refuses to show the bytes of an object without the key that they were written with. */
export function checkCustomerKey(object: StoredObject, headers: Headers, prefix?: Prefix): void {
  const given = readCustomerKey(headers, prefix);
  const { customerKeySha256 } = object;
  if (given === customerKeySha256) return;
  if (given === undefined) {
    throw invalid(
      'The target object is encrypted by a customer-supplied encryption key.',
      'resourceIsEncryptedWithCustomerEncryptionKey',
      'ResourceIsEncryptedWithCustomerEncryptionKey',
    );
  }
  if (customerKeySha256 === undefined) {
    throw invalid(
      'The target object is not encrypted by a customer-supplied encryption key.',
      'resourceNotEncryptedWithCustomerEncryptionKey',
      'ResourceNotEncryptedWithCustomerEncryptionKey',
    );
  }
  throw invalid('The provided encryption key is incorrect.', 'customerEncryptionKeyIsIncorrect');
}

/** Headers that tell that an object is encrypted with the customer's key. */
export function customerKeyHeaders({ customerKeySha256 }: Pick<StoredObject, 'customerKeySha256'>): Headers {
  return customerKeySha256 === undefined
    ? {}
    : { 'x-goog-encryption-algorithm': 'AES256', 'x-goog-encryption-key-sha256': customerKeySha256 };
}
