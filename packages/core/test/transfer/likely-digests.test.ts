import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/checksum/digest.js';
import { verifiedByLikely, verifyStored } from '../../src/transfer/verify.js';

const bytes = Buffer.from('content');
const md5 = digestOf('md5', bytes);
const recordWith = (value: string) => ({
  key: 'k',
  size: bytes.length,
  likelyChecksum: { algorithm: 'md5', value } as const,
});
const whole = { start: 0, end: bytes.length };

describe('a digest that an object only probably has', () => {
  it('proves what was stored when it is the same', () => {
    expect(verifyStored(recordWith(md5), { size: bytes.length, digests: {}, bytes }, false)).toBe('client');
    expect(verifyStored(recordWith(md5), { size: bytes.length, digests: { md5 } }, false)).toBe('client');
  });

  it('is no damage when it is another', () => {
    expect(verifyStored(recordWith('0'.repeat(32)), { size: bytes.length, digests: {}, bytes }, false)).toBe('size');
    expect(verifiedByLikely(recordWith('0'.repeat(32)), whole, bytes, 'auto')).toBe('size');
  });

  it('proves what was read whole, and nothing of a part', () => {
    expect(verifiedByLikely(recordWith(md5), whole, bytes, undefined)).toBe('client');
    expect(verifiedByLikely(recordWith(md5), { start: 0, end: 3 }, bytes.subarray(0, 3), undefined)).toBe('size');
    expect(verifiedByLikely(recordWith(md5), whole, bytes, 'never')).toBe('size');
  });
});
