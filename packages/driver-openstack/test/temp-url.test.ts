import { describe, expect, it } from 'vitest';
import { signFormPost, signTempUrl, type TempUrlDigest } from '../src/temp-url.js';

const AT = 1_800_000_000;

describe('signatures of addresses', () => {
  // The second row is printed in Swift's documentation; the others were made by Swift's own swift.common.digest.get_hmac.
  it.each<[string, number, string, TempUrlDigest, string]>([
    ['GET', 1512508563, '/v1/AUTH_account/container/object', 'sha1', 'a83dcf0587a84542b5f23a7807c38ff4bcaa6924'],
    [
      'GET',
      1512508563,
      '/v1/AUTH_account/container/object',
      'sha256',
      '732fcac368abb10c78a4cbe95c3fab7f311584532bf779abd5074e13cbe8b88b',
    ],
    ['PUT', AT, '/v1/AUTH_a/c/été 1.txt', 'sha1', '66188db159b0f565cae249044978e3318b69c753'],
    ['PUT', AT, '/v1/AUTH_a/c/été 1.txt', 'sha256', 'e62976ee8d6a92e10e6289a82edb0f1a683c4385150f62189c2275475724f56f'],
    [
      'GET',
      AT,
      '/v1/MossoCloudFS_aaa/images/été 1.jpg',
      'sha256',
      '5e294e63027d5e23ff251346ca3aa36490755d1db599ac1e132d6670a0f80f51',
    ],
  ])('%s until %d of %s by %s', (method, expires, path, digest, signature) => {
    expect(signTempUrl({ method, path, expires }, 'mykey', digest)).toBe(signature);
  });

  it('signs a prefix instead of an object', () => {
    const request = { method: 'GET', path: '/v1/AUTH_a/c/pre', expires: AT, isPrefix: true };
    expect(signTempUrl(request, 'mykey', 'sha1')).toBe('907ea1eaa40a1d7d4d33e663c505a888bf6a2342');
    expect(signTempUrl(request, 'mykey', 'sha256')).toBe(
      'a398de35c73d0e8ef70570eb470090c610fcd237fe07587be6579c2710319a08',
    );
  });

  it('signs the range of addresses that may come', () => {
    const request = { method: 'GET', path: '/v1/AUTH_a/c/o', expires: AT, ipRange: '10.0.0.0/8' };
    expect(signTempUrl(request, 'mykey', 'sha256')).toBe(
      '7fbf2cbeffa44a00749aa2bc5a15d005795ca6272f7f274c1f2f87268a8db90c',
    );
    // Printed in Swift's documentation.
    const printed = {
      method: 'GET',
      path: '/v1/AUTH_account/container/object',
      expires: 1648082711,
      ipRange: '1.2.3.4',
    };
    expect(signTempUrl(printed, 'mykey', 'sha256')).toBe(
      '3f48476acaf5ec272acd8e99f7b5bad96c52ddba53ed27c60613711774a06f0c',
    );
  });
});

describe('signatures of forms', () => {
  const form = { path: '/v1/AUTH_a/c/up_', maxFileSize: 104857600, maxFileCount: 10, expires: AT };

  it.each<[string, TempUrlDigest, string]>([
    ['https://example.com/done', 'sha1', '2b522f5501c0439052fff7842c6975a72ec2a5bf'],
    ['https://example.com/done', 'sha256', 'eb017159f952e290509271c58986d949df7b5a0caf13945b464f365989bf7903'],
    ['', 'sha1', 'fa34327e7271eb62ea586f4c57213a613c270e47'],
    ['', 'sha256', '48983259db695577d8ebd9b40781927364e098a84288279d07a90bf83ca682ae'],
  ])('with the redirect "%s" by %s', (redirect, digest, signature) => {
    expect(signFormPost({ ...form, redirect }, 'mykey', digest)).toBe(signature);
  });
});
