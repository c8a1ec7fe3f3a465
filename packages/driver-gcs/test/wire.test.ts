import { describe, expect, it } from 'vitest';
import { readHashes, toObjectRecord } from '../src/wire.js';
import { answer } from './answers.js';

const packed = {
  'x-goog-stored-content-encoding': 'gzip',
  'x-goog-stored-content-length': '30',
  'x-goog-hash': 'crc32c=AAAAAA==,md5=1B2M2Y8AsgTpgAmY7PhCfg==',
};

describe('what is told of an object', () => {
  it('has neither the length nor the digests of what is stored, when somebody unpacked it on the way', () => {
    const record = toObjectRecord('k', answer(200, 'unpacked', packed), 'GET');
    expect(record).toMatchObject({ size: 8, checksums: undefined, contentEncoding: undefined });
  });

  it('is what is stored, when it comes packed', () => {
    const record = toObjectRecord('k', answer(200, 'x'.repeat(30), { ...packed, 'content-encoding': 'gzip' }), 'GET');
    expect(record).toMatchObject({ size: 30, contentEncoding: 'gzip', checksums: { crc32c: '00000000' } });
  });
});

it.each([
  ['crc32c=AAAAAA==', { crc32c: '00000000' }],
  ['crc32c=AAAAAA==, md5=1B2M2Y8AsgTpgAmY7PhCfg==', { crc32c: '00000000', md5: 'd41d8cd98f00b204e9800998ecf8427e' }],
  ['md5=1B2M2Y8AsgTpgAmY7PhCfg==,crc32c=AAAAAA==', { crc32c: '00000000', md5: 'd41d8cd98f00b204e9800998ecf8427e' }],
  ['sha1=AAAA', undefined],
  ['', undefined],
])('reads the digests %s', (text, checksums) => {
  expect(readHashes(text)).toEqual(checksums);
});
