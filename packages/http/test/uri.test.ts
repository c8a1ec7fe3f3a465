import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapePath, escapeUri, hostOf, queryString } from '../src/index.js';

const anyText = fc.string({ unit: 'binary' });

describe('escapeUri', () => {
  it('leaves only what RFC 3986 calls unreserved, and decodes to what was given', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeUri(text);
        expect(escaped).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
        expect(decodeURIComponent(escaped)).toBe(text);
      }),
    );
  });

  it('refuses half of a surrogate pair, which has no UTF-8 form', () => {
    expect(() => escapeUri('a\ud800b')).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});

describe('escapePath', () => {
  it.each([
    ['a//b', 'a//b'],
    ['/lead', '/lead'],
    ['./../x', './../x'],
    ['a b+c%41?d#e', 'a%20b%2Bc%2541%3Fd%23e'],
    ["it's(1)!*", 'it%27s%281%29%21%2A'],
    ['é/e\u0301/😀', '%C3%A9/e%CC%81/%F0%9F%98%80'],
  ])('makes %j of the key %j', (path, escaped) => {
    expect(escapePath(path)).toBe(escaped);
  });
});

describe('queryString', () => {
  it('escapes names and values, leaves out what is undefined, and keeps what is empty', () => {
    expect(queryString('list-type', '2', 'prefix', 'a b/é&', 'marker', undefined, 'delimiter', '')).toBe(
      '?list-type=2&prefix=a%20b%2F%C3%A9%26&delimiter=',
    );
  });

  it('is empty when nothing is left', () => {
    expect(queryString('a', undefined)).toBe('');
  });
});

describe('hostOf', () => {
  it.each([
    ['https://example.com', 'example.com'],
    ['https://example.com:443', 'example.com'],
    ['http://example.com:443', 'example.com:443'],
    ['http://example.com:80', 'example.com'],
    ['http://[::1]:9000', '[::1]:9000'],
  ])('of %s is %s', (origin, host) => {
    expect(hostOf(origin)).toBe(host);
  });
});
