import { describe, expect, it } from 'vitest';
import { redactHeaders, redactPath } from '../../src/index.js';

describe('redactHeaders', () => {
  it.each([
    'authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'x-auth-token',
    'x-auth-key',
    'x-subject-token',
    'x-service-token',
    'x-storage-token',
    'x-amz-security-token',
    'x-goog-security-token',
    'x-emc-signature',
    'x-amz-server-side-encryption-customer-key',
    'x-amz-copy-source-server-side-encryption-customer-key',
    'x-goog-encryption-key',
    'x-account-meta-temp-url-key',
    'x-account-meta-temp-url-key-2',
    'x-container-meta-temp-url-key',
  ])('hides %s', (name) => {
    expect(redactHeaders([name, 'S3CR3T', 'etag', 'x'])).toEqual([name, '[redacted]', 'etag', 'x']);
  });

  it('shows what is no secret', () => {
    const headers = [
      'content-type',
      'text/plain',
      'x-amz-server-side-encryption-customer-key-md5',
      'abc',
      'x-amz-meta-token',
      't',
    ];
    expect(redactHeaders(headers)).toEqual(headers);
  });
});

describe('redactPath', () => {
  it('hides signatures and tokens of a query, and nothing else', () => {
    const path =
      '/b/k%20?prefix=a%26b&X-Amz-Signature=S3CR3T&X-Amz-Security-Token=S3CR3T&x-goog-signature=S3CR3T&Signature=S3CR3T' +
      '&temp_url_sig=S3CR3T&X-Amz-Credential=S3CR3T&uploads';
    const shown = redactPath(path);
    expect(shown).not.toContain('S3CR3T');
    expect(shown).toContain('/b/k%20?prefix=a%26b&X-Amz-Signature=[redacted]&');
    expect(shown).toMatch(/&uploads$/);
  });

  it('hides them in a Location header too', () => {
    const headers = ['location', 'https://store.example/u?upload_id=S3CR3T&name=k'];
    expect(redactHeaders(headers)).toEqual(['location', 'https://store.example/u?upload_id=[redacted]&name=k']);
  });

  it('hides the id of an upload session, which is all that a sender needs', () => {
    expect(redactPath('/upload/o?upload_id=S3CR3T')).toBe('/upload/o?upload_id=[redacted]');
  });
});
