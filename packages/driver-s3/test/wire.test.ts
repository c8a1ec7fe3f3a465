import { isStorageError } from '@stowage/core/spi';
import { readContentRange } from '@stowage/http';
import { describe, expect, it } from 'vitest';
import { serviceFacts } from '../src/service.js';
import { checksumsOf, readDigests, readEtag, toObjectRecord, toWrittenRecord } from '../src/wire.js';
import { answer } from './answers.js';

const aws = serviceFacts({ service: 'aws' }, 'x.de');
const ceph = serviceFacts({ service: 'ceph' }, 'x.de');
const generic = serviceFacts({}, 'x.de');
const MD5 = '5d41402abc4b2a76b9719d911017c592';

describe('the record of an object', () => {
  it('has what a captured answer of Amazon tells', () => {
    const record = toObjectRecord(
      'k',
      answer(200, {
        'content-length': '5',
        'last-modified': 'Mon, 23 Nov 2026 14:10:52 GMT',
        etag: `"${MD5}"`,
        'content-type': 'text/plain',
        'content-encoding': 'gzip',
        'content-disposition': 'attachment; filename="é.txt"',
        'content-language': 'de',
        'cache-control': 'no-cache',
        'x-amz-meta-plain': 'v',
        'x-amz-meta-word': '=?UTF-8?B?w6k=?=',
        'x-amz-meta-__proto__': 'data',
        'x-amz-version-id': 'V1',
        'x-amz-server-side-encryption': 'AES256',
        'x-amz-checksum-crc32': 'NhCmhg==',
        'x-amz-checksum-type': 'FULL_OBJECT',
        'x-amz-tagging-count': '2',
      }),
      aws,
      'HEAD',
    );
    expect(record).toMatchObject({
      key: 'k',
      size: 5,
      etag: MD5,
      modifiedAtMs: Date.UTC(2026, 10, 23, 14, 10, 52),
      contentType: 'text/plain',
      contentEncoding: 'gzip',
      contentDisposition: 'attachment; filename="é.txt"',
      contentLanguage: 'de',
      cacheControl: 'no-cache',
      checksums: { crc32: '3610a686', md5: MD5 },
      versionId: 'V1',
      storageClass: 'STANDARD',
      extra: { serverSideEncryption: 'AES256', tagCount: '2' },
    });
    expect(Object.entries(record.metadata ?? {})).toEqual([
      ['plain', 'v'],
      ['word', 'é'],
      ['__proto__', 'data'],
    ]);
  });

  it('of a part has the size of the whole and no digest', () => {
    const headers = { 'content-length': '3', 'content-range': 'bytes 2-4/10', etag: `"${MD5}"` };
    const part = answer(206, headers, 'abc');
    const record = toObjectRecord('k', part, aws, 'GET');
    expect(record).toMatchObject({ size: 10, checksums: undefined, likelyChecksum: undefined });
    expect(readContentRange(part, record.size)).toEqual({ start: 2, end: 5 });
  });

  it('has no size that nobody told', () => {
    for (const [status, headers, method] of [
      [200, {}, 'HEAD'],
      [206, { 'content-range': 'bytes 0-1/*', 'content-length': '2' }, 'GET'],
    ] as const) {
      const read = (): unknown => toObjectRecord('k', answer(status, headers), aws, method);
      expect(read).toThrow(/size of the object/);
    }
    expect(toObjectRecord('k', answer(200, {}, 'abc'), aws, 'GET').size).toBe(3);
  });

  it('refuses a part that does not say which', () => {
    const record = { key: 'k', size: 10 };
    expect(() => readContentRange(answer(206, {}), record.size)).toThrow(/does not say which/);
  });

  it('does not show how the body came as the encoding of the content', () => {
    const encoding = (value: string): string | undefined =>
      toObjectRecord('k', answer(200, { 'content-length': '0', 'content-encoding': value }), ceph, 'HEAD')
        .contentEncoding;
    expect([encoding('aws-chunked'), encoding('aws-chunked,gzip'), encoding('br')]).toEqual([undefined, 'gzip', 'br']);
  });
});

describe('digests', () => {
  it('are no composites of parts', () => {
    const composite = { 'x-amz-checksum-crc32': 'NhCmhg==-2' };
    expect(readDigests(answer(200, composite), `${MD5}-2`, aws).checksums).toBeUndefined();
    const typed = { 'x-amz-checksum-sha256': 'NhCmhg==', 'x-amz-checksum-type': 'COMPOSITE' };
    expect(readDigests(answer(200, typed), undefined, aws).checksums).toBeUndefined();
    expect(checksumsOf(new Map([['ChecksumCRC32', 'NhCmhg==-2']]))).toEqual({});
    expect(checksumsOf(new Map([['ChecksumCRC32', 'NhCmhg==']]))).toEqual({ crc32: '3610a686' });
  });

  it('are an ETag only where it is an MD5', () => {
    expect(readDigests(answer(200), MD5, ceph).checksums).toEqual({ md5: MD5 });
    expect(readDigests(answer(200), MD5.toUpperCase(), ceph).checksums).toBeUndefined();
    expect(readDigests(answer(200), `${MD5}-1`, ceph).checksums).toBeUndefined();
    for (const headers of [
      { 'x-amz-server-side-encryption': 'aws:kms' },
      { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' },
      { 'x-object-manifest': 'bucket/segments/' },
      { 'x-object-meta-static-large-object': 'True' },
    ] as const) {
      expect(readDigests(answer(200, headers), MD5, ceph)).toEqual({ checksums: undefined, likelyChecksum: undefined });
    }
  });

  it('are likely where nobody knows what the ETag is', () => {
    const { checksums, likelyChecksum } = toWrittenRecord('k', 5, answer(200, { etag: `"${MD5}"` }), generic);
    expect(checksums).toBeUndefined();
    expect(likelyChecksum).toEqual({ algorithm: 'md5', value: MD5 });
  });

  it('are not asked of a service that does not know them', () => {
    expect(readDigests(answer(200, { 'x-amz-checksum-crc32': 'NhCmhg==' }), undefined, ceph).checksums).toBeUndefined();
  });
});

describe('an ETag', () => {
  it('has no quotes, and an empty one is none', () => {
    expect([
      readEtag('"a"'),
      readEtag('W/"a"'),
      readEtag('a'),
      readEtag('""'),
      readEtag(''),
      readEtag(undefined),
    ]).toEqual(['a', 'a', 'a', undefined, undefined, undefined]);
  });
});

it('says that a broken answer is no fault of the caller', () => {
  try {
    toObjectRecord('k', answer(200), aws, 'HEAD');
  } catch (error) {
    expect(isStorageError(error, 'unknown')).toBe(true);
  }
  expect.assertions(1);
});
