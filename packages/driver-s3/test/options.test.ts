import { createHost, isStorageError } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';
import { driver, type S3Options } from '../src/index.js';

const keys = { user: 'AKID', key: 'very-secret' };
const open = (options: S3Options): unknown => driver.create(options, createHost());

describe('options', () => {
  it.each<[string, S3Options, RegExp]>([
    ['a user without key', { user: 'AKID' }, /"user" is given without "key"/],
    ['a key without user', { key: 'very-secret' }, /"key" is given without "user"/],
    ['anonymous and a user', { ...keys, anonymous: true }, /"anonymous" and "user"/],
    ['a token without user', { token: 'very-secret' }, /"token" needs/],
    ['two addresses', { ...keys, endpoint: 'https://a.de', host: 'b.de' }, /"endpoint" and "host"/],
    ['a customer key of another length', { ...keys, customerKey: 'AAAA' }, /32 bytes/],
    [
      'two kinds of encryption',
      { ...keys, customerKey: '0'.repeat(43) + '=', serverSideEncryption: 'AES256' },
      /exclude/,
    ],
    ['an unknown kind of encryption', { ...keys, serverSideEncryption: 'rot13' }, /must be one of AES256/],
    ['a KMS key without KMS', { ...keys, kmsKeyId: 'k' }, /"kmsKeyId" needs/],
    ['a customer key in clear', { ...keys, endpoint: 'http://x.de', customerKey: '0'.repeat(43) + '=' }, /https/],
    [
      'a customer key for Swift',
      { ...keys, endpoint: 'https://x.de', service: 'swift', customerKey: '0'.repeat(43) + '=' },
      /ignores/,
    ],
    ['an unknown service', { ...keys, service: 'acme' }, /"service" must be one of aws/],
    ['an unknown checksum', { ...keys, checksum: 'md4' }, /"checksum" must be one of crc32/],
    ['a signed hash without signature', { anonymous: true, checksum: 'payload' }, /needs a signature/],
  ])('refuse %s, before any request', (_, options, message) => {
    try {
      open(options);
    } catch (error) {
      expect(isStorageError(error, 'invalid-argument')).toBe(true);
      expect(String(error)).toMatch(message);
      expect(String(error)).not.toContain('very-secret');
      return;
    }
    throw new Error('The options were taken.');
  });

  it('have each a sentence that says what they are for', () => {
    for (const [name, { about }] of Object.entries(driver.options)) expect(about, name).toMatch(/^[A-Z"].{20,}\.$/);
  });

  it('hide what is secret', () => {
    const secrets = Object.entries(driver.options).filter(([, spec]) => 'secret' in spec);
    expect(secrets.map(([name]) => name)).toEqual(
      expect.arrayContaining(['key', 'token', 'customerKey', 'proxyUrl', 'clientKey', 'clientKeyPassphrase']),
    );
  });
});
