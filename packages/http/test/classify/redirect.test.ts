import { describe, expect, it } from 'vitest';
import { redirectedRequest, redirectTarget, type WireRequest } from '../../src/index.js';
import { RawResponse } from '../../src/transport/response.js';

function redirect(location: string, status = 307): RawResponse {
  return new RawResponse(status, [Buffer.from('Location'), Buffer.from(location)]);
}

const request: WireRequest = {
  method: 'GET',
  origin: 'https://store.example',
  path: '/bucket/a//b?x=1',
  headers: [
    ...['authorization', 'AWS4 secret', 'x-auth-token', 'secret', 'x-amz-security-token', 'secret', 'cookie', 'secret'],
    ...['x-amz-server-side-encryption-customer-key', 'secret', 'range', 'bytes=0-1'],
  ],
  want: 'bytes',
};

describe('redirectTarget', () => {
  it.each([
    ['https://other.example/x/../%2e//y?q=1#f', 'https://other.example', '/x/../%2e//y?q=1', false],
    ['https://store.example:443/x', 'https://store.example', '/x', true],
    ['http://store.example/x', 'http://store.example', '/x', false],
    ['https://store.example:8443/x', 'https://store.example:8443', '/x', false],
    ['HTTPS://STORE.EXAMPLE/x', 'https://store.example', '/x', true],
    ['//cdn.example/x', 'https://cdn.example', '/x', false],
    ['https://user:pw@other.example?q', 'https://other.example', '/?q', false],
    ['/root', 'https://store.example', '/root', true],
    ['beside', 'https://store.example', '/bucket/a//beside', true],
    ['?y=2', 'https://store.example', '/bucket/a//b?y=2', true],
  ])('of %s is %s and %s', (location, origin, path, isSameOrigin) => {
    expect(redirectTarget(redirect(location), request)).toEqual({ origin, path, isSameOrigin });
  });

  it('is undefined for other answers', () => {
    expect(redirectTarget(redirect('/x', 200), request)).toBeUndefined();
    expect(redirectTarget(redirect('/x', 304), request)).toBeUndefined();
    expect(redirectTarget(new RawResponse(301, []), request)).toBeUndefined();
  });

  it.each(['ftp://store.example/x', 'javascript:alert(1)', 'https://'])('refuses %s', (location) => {
    expect(() => redirectTarget(redirect(location), request)).toThrow(/no endpoint|not HTTP/);
  });
});

describe('redirectedRequest', () => {
  it('carries no credentials to another host', () => {
    const target = redirectTarget(redirect('https://other.example/x'), request)!;
    const next = redirectedRequest(request, target);
    expect(next).toMatchObject({ origin: 'https://other.example', path: '/x', headers: ['range', 'bytes=0-1'] });
  });

  it('keeps them on the same host', () => {
    const target = redirectTarget(redirect('/x'), request)!;
    expect(redirectedRequest(request, target).headers).toEqual(request.headers);
  });
});
