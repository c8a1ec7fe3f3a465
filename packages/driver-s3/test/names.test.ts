import { describe, expect, it } from 'vitest';
import { refuseAmazonBucket, refuseAmazonKey, refuseBucket, refuseMinioKey } from '../src/names.js';

describe('names', () => {
  it('of buckets at Amazon have 3 characters at least, and only some', () => {
    for (const name of ['abc', 'my.bucket-1', 'Old_Bucket', 'x'.repeat(255)])
      expect(refuseAmazonBucket(name)).toBeUndefined();
    for (const name of ['ab', '', '-abc', 'a b c', 'a/b', 'é-bucket', 'x'.repeat(256)])
      expect(refuseAmazonBucket(name)).toBeDefined();
  });

  it('of buckets elsewhere are refused only where no path could name them', () => {
    for (const name of ['a', 'tenant:bucket', 'Bücher', 'a b']) expect(refuseBucket(name)).toBeUndefined();
    for (const name of ['.', '..', 'a/b', 'x'.repeat(256)]) expect(refuseBucket(name)).toBeDefined();
  });

  it('of objects at Amazon may go up, but not out of the bucket', () => {
    for (const key of ['a/../b', 'a/b/../../c', '.', './a', 'a..b', '..a', '...'])
      expect(refuseAmazonKey(key)).toBeUndefined();
    for (const key of ['..', '../a', 'a/../../b', 'a/../../b/c/d']) expect(refuseAmazonKey(key)).toContain('step out');
  });

  it('of objects at MinIO are paths of files', () => {
    for (const key of ['a', 'a/b', 'a/', '.a', 'a..']) expect(refuseMinioKey(key)).toBeUndefined();
    for (const key of ['/a', 'a//b', '.', '..', 'a/../b', 'a/ ./b']) expect(refuseMinioKey(key)).toBeDefined();
  });
});
