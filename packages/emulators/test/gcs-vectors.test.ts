import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Identities } from '../src/gcs/identities.js';
import { authenticate } from '../src/gcs/xml/auth.js';
import { type EmulatedRequest, parseQuery } from '../src/http-request.js';
import { GcsEmulator } from '../src/index.js';

interface UrlVector {
  readonly description: string;
  readonly method: string;
  readonly timestamp: string;
  readonly expiration: number;
  readonly expectedUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface PolicyVector {
  readonly description: string;
  readonly timestamp: string;
  readonly expiration: number;
  readonly fields: Readonly<Record<string, string>>;
  /** Base64. */
  readonly policy: string;
  readonly signature: string;
}

interface Vectors {
  readonly clientEmail: string;
  readonly privateKey: string;
  readonly urls: readonly UrlVector[];
  readonly policies: readonly PolicyVector[];
}

/** Published by Google: https://github.com/googleapis/conformance-tests/blob/main/storage/v1/v4_signatures.json */
const file = new URL('../../http/test/fixtures/google-v4-signatures.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

/** The request that a vector's URL makes, with its headers as they are told. */
function requestOf(vector: UrlVector, url = vector.expectedUrl, method = vector.method): EmulatedRequest {
  const { host } = new URL(url);
  const target = url.slice(url.indexOf('/', 'https://'.length));
  const [rawPath = '', rawQuery = ''] = target.split('?');
  const headers = Object.fromEntries(
    Object.entries({ host, ...vector.headers }).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const rawHeaders = Object.entries(headers).flat();
  return { method, rawPath, rawQuery, query: parseQuery(rawQuery), headers, rawHeaders } as unknown as EmulatedRequest;
}

function accept(request: EmulatedRequest, vector: UrlVector, laterSeconds = 0): string | undefined {
  const nowMs = (): number => Date.parse(vector.timestamp) + laterSeconds * 1000;
  const account = { email: vectors.clientEmail, privateKey: vectors.privateKey };
  const identities = new Identities([account], [], [], nowMs);
  return authenticate(request, undefined, { identities, nowMs }).principal.email;
}

describe('signed URLs that Google published', () => {
  it('are the whole list', () => expect(vectors.urls.length).toBeGreaterThanOrEqual(29));

  it.each(vectors.urls.map((vector) => [vector.description, vector] as const))('are taken: %s', (_, vector) => {
    expect(accept(requestOf(vector), vector)).toBe(vectors.clientEmail);
    expect(accept(requestOf(vector), vector, vector.expiration)).toBe(vectors.clientEmail);
  });

  it.each(vectors.urls.map((vector) => [vector.description, vector] as const))(
    'and refused when changed: %s',
    (_, vector) => {
      const { expectedUrl: url } = vector;
      const flip = (text: string): string => (text.endsWith('0') ? `${text.slice(0, -1)}1` : `${text.slice(0, -1)}0`);
      const changed = [
        requestOf(vector, flip(url)),
        requestOf(vector, url, vector.method === 'DELETE' ? 'GET' : 'DELETE'),
        requestOf(vector, url.replace('?', 'x?')),
        requestOf(vector, url.replace(/X-Goog-Expires=\d+/, 'X-Goog-Expires=9000')),
        requestOf(vector, url.replace('%2Fauto%2F', '%2Fus%2F')),
        requestOf(vector, `${url}&more=1`),
        requestOf({ ...vector, headers: { ...vector.headers, 'x-goog-meta-added': '1' } }),
        requestOf({ ...vector, headers: { ...vector.headers, host: 'other.example' } }),
        ...Object.keys(vector.headers ?? {}).map((name) =>
          requestOf({ ...vector, headers: { ...vector.headers, [name]: 'changed' } }),
        ),
      ];
      for (const request of changed) expect(() => accept(request, vector)).toThrow();
      expect(() => accept(requestOf(vector), vector, vector.expiration + 1)).toThrow(/expired/);
      expect(() => accept(requestOf(vector), vector, -3600)).toThrow(/not valid yet/);
    },
  );
});

describe('forms whose policies Google published', () => {
  it('are the whole list', () => expect(vectors.policies.length).toBeGreaterThanOrEqual(11));

  it.each(vectors.policies.map((vector) => [vector.description, vector] as const))(
    'are taken as they were signed, and not otherwise: %s',
    async (_, vector) => {
      let nowMs = Date.parse(vector.timestamp);
      const account = { email: vectors.clientEmail, privateKey: vectors.privateKey };
      await using emulator = await GcsEmulator.start({ serviceAccounts: [account], nowMs: () => nowMs });
      const { bucket = '', ...fields } = vector.fields;
      await fetch(`${emulator.endpoint}/storage/v1/b?project=p`, {
        method: 'POST',
        headers: { authorization: `Bearer ${emulator.issueToken()}` },
        body: JSON.stringify({ name: bucket }),
      });
      const post = (changed: Readonly<Record<string, string>> = {}) => {
        const form = new FormData();
        const signed = {
          ...fields,
          acl: fields['acl'] ?? 'public-read',
          'x-goog-algorithm': 'GOOG4-RSA-SHA256',
          'x-goog-credential': `${vectors.clientEmail}/20200123/auto/storage/goog4_request`,
          'x-goog-date': '20200123T043530Z',
          policy: vector.policy,
          'x-goog-signature': vector.signature,
          ...changed,
        };
        const hasAcl = Buffer.from(vector.policy, 'base64').toString().includes('acl');
        for (const [name, value] of Object.entries(signed)) if (hasAcl || name !== 'acl') form.append(name, value);
        form.append('file', new Blob(['x'.repeat(250)]), 'f.txt');
        return fetch(`${emulator.endpoint}/${bucket}`, { method: 'POST', body: form, redirect: 'manual' });
      };
      expect((await post()).status).toBeLessThan(304);
      expect((await post({ key: 'another' })).status).toBe(403);
      expect(
        (await post({ 'x-goog-signature': vector.signature.replace(/^./, (c) => (c === '0' ? '1' : '0')) })).status,
      ).toBe(403);
      expect((await post({ 'x-goog-meta-added': '1' })).status).toBe(403);
      nowMs += (vector.expiration + 1) * 1000;
      expect((await post()).status).toBe(403);
    },
  );
});
