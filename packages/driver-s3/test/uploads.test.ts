import { type Checksum, digestOf, type PutBody } from '@stowage/core/spi';
import { bytesBody, streamBody } from '@stowage/testkit';
import { describe, expect, it } from 'vitest';
import { comparedDigests } from '../src/capabilities.js';
import type { S3Options } from '../src/options.js';
import { serviceFacts, uploadDigest } from '../src/service.js';
import { type BodyPolicy, signBody, verificationOf } from '../src/uploads.js';
import { answer } from './answers.js';

const small = Buffer.from('hello');
const large = Buffer.alloc(100_000, 'x');

function policyOf(options: S3Options, isSafeChannel = true): BodyPolicy {
  const facts = serviceFacts(options, 'x.de');
  const digest = uploadDigest(options, facts);
  return {
    digest,
    compared: comparedDigests(digest, facts),
    facts,
    isSafeChannel,
    isAnonymous: options.anonymous === true,
  };
}

function headersOf(body: PutBody, checksum: Checksum | undefined, policy: BodyPolicy): Record<string, string> {
  const { headers, contentHash } = signBody(body, checksum, policy);
  const record: Record<string, string> = { contentHash };
  for (let at = 0; at < headers.length; at += 2) record[headers[at]!] = headers[at + 1]!;
  return record;
}

const base64 = (algorithm: Checksum['algorithm'], bytes: Buffer): string =>
  Buffer.from(digestOf(algorithm, bytes), 'hex').toString('base64');

describe('a body in memory', () => {
  it.each<[string, S3Options, Buffer, boolean, Record<string, string>]>([
    [
      'Amazon, small',
      { service: 'aws' },
      small,
      true,
      { 'x-amz-checksum-crc32': base64('crc32', small), contentHash: digestOf('sha256', small) },
    ],
    [
      'Amazon, large: the checksum protects it',
      { service: 'aws' },
      large,
      true,
      { 'x-amz-checksum-crc32': base64('crc32', large), contentHash: 'UNSIGNED-PAYLOAD' },
    ],
    [
      'Amazon, large, over an open line',
      { service: 'aws' },
      large,
      false,
      { 'x-amz-checksum-crc32': base64('crc32', large), contentHash: digestOf('sha256', large) },
    ],
    ['Ceph', { service: 'ceph' }, large, true, { contentHash: digestOf('sha256', large) }],
    [
      'unknown, small',
      {},
      small,
      true,
      { 'content-md5': base64('md5', small), contentHash: digestOf('sha256', small) },
    ],
    ['unknown, large', {}, large, true, { 'content-md5': base64('md5', large), contentHash: 'UNSIGNED-PAYLOAD' }],
    [
      'unknown, large, over an open line',
      {},
      large,
      false,
      { 'content-md5': base64('md5', large), contentHash: digestOf('sha256', large) },
    ],
    [
      'anonymous',
      { anonymous: true },
      small,
      false,
      { 'content-md5': base64('md5', small), contentHash: 'UNSIGNED-PAYLOAD' },
    ],
    [
      'a checksum on request',
      { checksum: 'crc64nvme' },
      small,
      true,
      { 'x-amz-checksum-crc64nvme': base64('crc64nvme', small), contentHash: digestOf('sha256', small) },
    ],
  ])('goes with just what the service compares: %s', (_, options, bytes, isSafe, expected) => {
    expect(headersOf(bytesBody(bytes), undefined, policyOf(options, isSafe))).toEqual(expected);
  });

  it('goes with the digest that is known already', () => {
    const sha256 = { algorithm: 'sha256', value: digestOf('sha256', large) } as const;
    expect(headersOf(bytesBody(large), sha256, policyOf({ service: 'ceph' })).contentHash).toBe(sha256.value);
    expect(headersOf(bytesBody(large), sha256, policyOf({ service: 'aws' }))).toMatchObject({
      'x-amz-checksum-sha256': base64('sha256', large),
    });
  });

  it('is refused with a digest that the service would not look at', () => {
    const sha1 = { algorithm: 'sha1', value: digestOf('sha1', small) } as const;
    expect(() => signBody(bytesBody(small), sha1, policyOf({ service: 'ceph' }))).toThrow(/does not compare a sha1/);
    expect(() => signBody(bytesBody(small), sha1, policyOf({ service: 'aws' }))).not.toThrow();
  });
});

describe('a stream', () => {
  it.each<[string, S3Options, boolean, Record<string, string>]>([
    [
      'Amazon',
      { service: 'aws' },
      true,
      {
        contentHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '100000',
        'x-amz-trailer': 'x-amz-checksum-crc32',
      },
    ],
    [
      'Amazon, over an open line',
      { service: 'aws' },
      false,
      {
        contentHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '100000',
        'x-amz-trailer': 'x-amz-checksum-crc32',
      },
    ],
    ['Ceph', { service: 'ceph' }, true, { contentHash: 'UNSIGNED-PAYLOAD' }],
    [
      'Ceph, over an open line',
      { service: 'ceph' },
      false,
      {
        contentHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '100000',
      },
    ],
    ['unknown', {}, true, { contentHash: 'UNSIGNED-PAYLOAD' }],
    ['anonymous', { anonymous: true, service: 'aws' }, true, { contentHash: 'UNSIGNED-PAYLOAD' }],
  ])('goes as the service can check it: %s', (_, options, isSafe, expected) => {
    expect(headersOf(streamBody(large), undefined, policyOf(options, isSafe))).toEqual(expected);
  });

  it('of unknown length is refused before it is read', () => {
    const body = { ...streamBody(large), size: undefined };
    expect(() => signBody(body, undefined, policyOf({ service: 'aws' }))).toThrow(/size of a body/);
  });
});

describe('what is said of a body that was sent', () => {
  const sent = (options: S3Options, checksum?: Checksum) => signBody(bytesBody(small), checksum, policyOf(options));
  const etag = (value: string) => answer(200, { etag: `"${value}"` });

  it('is that the service compared it, where it is known to', () => {
    expect(verificationOf(sent({ service: 'ceph' }), answer(200))).toBe('service');
  });

  it('is that the service compared it, where it gives the checksum back', () => {
    const trailer = signBody(streamBody(small), undefined, policyOf({ service: 'aws' }));
    expect(verificationOf(trailer, answer(200, { 'x-amz-checksum-crc32': 'x' }))).toBe('service');
    expect(verificationOf(trailer, answer(200))).toBe('none');
  });

  it('of a service that nobody knows goes by the ETag, and never calls a strange one damage', () => {
    expect(verificationOf(sent({}), etag(digestOf('md5', small)))).toBe('service');
    expect(verificationOf(sent({}), etag('0'.repeat(32)))).toBe('none');
    expect(verificationOf(sent({}), answer(200))).toBe('none');
  });

  it('of a checksum that was asked for and is not given back is nothing', () => {
    expect(verificationOf(sent({ checksum: 'crc32c' }), etag('0'.repeat(32)))).toBe('none');
  });
});
