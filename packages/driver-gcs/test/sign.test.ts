import { readFileSync } from 'node:fs';
import { createHost } from '@stowage/core/spi';
import { describe, expect, it } from 'vitest';
import { addressSigner } from '../src/address-signer.js';
import type { Credential } from '../src/credentials.js';
import { createGcsDriver } from '../src/driver.js';
import { chooseEndpoint } from '../src/endpoint.js';
import type { GcsService } from '../src/gcs-service.js';
import type { GcsOptions } from '../src/options.js';
import { goog1Signature } from '../src/sign.js';
import { signAddress } from '../src/urls.js';
import { NOWHERE } from './lab.js';

describe('GOOG1 signatures', () => {
  const origin = 'https://storage.googleapis.com';
  const secret = 'bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ';
  const date = ['date', 'Mon, 15 Feb 2010 21:30:39 GMT'];

  it('are those that google-api-java-client publishes', () => {
    const headers = [
      ...['content-type', 'image/jpg', 'date', 'Mon, 15 Feb  2010 21:30:39 GMT'],
      ...['x-goog-meta-reviewer', 'bob', 'x-goog-meta-reviewer', 'jane', 'x-goog-acl', 'public-read'],
    ];
    const request = { method: 'PUT', origin, path: '/travel-maps/europe/france/paris.jpg', headers };
    expect(goog1Signature(request, 'abc')).toBe('ovyTUuOaD+E6l/Xu+eOAhZ/8LKk=');
  });

  it.each([
    ['GET', '/travel-maps/europe/france/paris.jpg', date, 'DgWnLnexqwglCgDxVHAiv4/si6Y='],
    [
      'PUT',
      '/travel-maps/a%20b.txt',
      [
        ...['content-md5', 'XUFAKrxLKna5cZ2REBfFkg==', 'content-type', 'text/plain', ...date],
        ...['x-goog-meta-a', '1,2', 'x-goog-acl', 'public-read'],
      ],
      'Khbk1zULuPh27eB0xIl6wKEpBtY=',
    ],
    ['GET', '/travel-maps/?acl', ['x-goog-date', 'Mon, 15 Feb 2010 21:30:39 GMT'], 'Hf1afgiRlkmTYip8x9G377WXRVk='],
    ['GET', '/travel-maps/?acl&prefix=a', ['x-goog-date', date[1] as string], 'Hf1afgiRlkmTYip8x9G377WXRVk='],
  ])('of %s %s are those of a second implementation', (method, path, headers, signature) => {
    expect(goog1Signature({ method, origin, path, headers }, secret)).toBe(signature);
  });

  it('never cover the key of the customer', () => {
    const headers = ['x-goog-encryption-algorithm', 'AES256'];
    const request = { method: 'GET', origin, path: '/b/k' };
    const withKey = [...headers, 'x-goog-encryption-key', 'KEY', 'x-goog-encryption-key-sha256', 'HASH'];
    expect(goog1Signature({ ...request, headers: withKey }, secret)).toBe(
      goog1Signature({ ...request, headers }, secret),
    );
  });
});

interface Vector {
  readonly description: string;
  readonly method: string;
  readonly expiration: number;
  readonly timestamp: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly expectedUrl: string;
}

interface Fixture {
  readonly clientEmail: string;
  readonly privateKey: string;
  readonly urls: readonly Vector[];
  readonly policies: readonly {
    readonly description: string;
    readonly timestamp: string;
    readonly expiration: number;
    readonly conditions: readonly unknown[];
    readonly fields: Readonly<Record<string, string>>;
    readonly policy: string;
    readonly signature: string;
  }[];
}

const fixture = JSON.parse(
  readFileSync(new URL('../../http/test/fixtures/google-v4-signatures.json', import.meta.url), 'utf8'),
) as Fixture;
const credential: Credential = {
  kind: 'oauth',
  source: { kind: 'service-account', email: fixture.clientEmail, privateKey: fixture.privateKey },
  impersonate: undefined,
};
const noLibrary = (): never => {
  throw new Error('No library is needed.');
};

/** Of the expected address, what is neither the signature nor part of it. */
function ownQuery(url: URL): string {
  const pairs = url.search
    .slice(1)
    .split('&')
    .filter((pair) => !/^X-Goog-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature)=/.test(pair));
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

const sorted = (url: string): string => {
  const { origin, pathname, searchParams } = new URL(url);
  searchParams.sort();
  return `${origin}${pathname}?${searchParams.toString()}`;
};

// The driver puts every bucket into the path. Three addresses are signed for a host without the port at which it is asked; servers see
// the Host header that a client sends, and that has the port.
const applicable = fixture.urls.filter(({ expectedUrl }) => {
  const { host, pathname } = new URL(expectedUrl);
  return pathname.startsWith('/test-bucket') && host !== 'localhost:8080';
});

/** Bucket and object of an expected address. */
function targetOf({ expectedUrl }: Vector): { readonly container: string; readonly key: string | undefined } {
  const [, container = '', key] = /^https?:\/\/[^/]+\/([^/?]+)(?:\/([^?]*))?/.exec(expectedUrl) ?? [];
  return { container, key: key === undefined ? undefined : decodeURIComponent(key) };
}

describe("Google's published addresses", () => {
  it('leaves out only other hosts of buckets, and ports that the published signature forgets', () => {
    const left = fixture.urls.filter((vector) => !applicable.includes(vector)).map(({ description }) => description);
    expect(left).toEqual([
      'Virtual Hosted Style',
      'HTTP Bucket Bound Hostname Support',
      'HTTPS Bucket Bound Hostname Support',
      'Simple GET with non-default hostname',
      'Endpoint on client with scheme',
      'Endpoint on client takes precedence over emulator',
      'Universe domain with virtual hosted style',
    ]);
  });

  it.each(applicable)('$description', async (vector) => {
    const { method, expiration, timestamp, headers = {} } = vector;
    const expected = new URL(vector.expectedUrl);
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    const contentHash = lower.find(([name]) => name === 'x-goog-content-sha256')?.[1];
    const nowMs = Date.parse(timestamp);
    const service = {
      client: { clock: { nowMs: () => nowMs }, host: { nowMs: () => nowMs } },
      endpoint: chooseEndpoint({ endpoint: expected.origin }, {}),
    } as unknown as GcsService;
    const { url } = await signAddress(service, () => addressSigner(credential, noLibrary), targetOf(vector), {
      method,
      query: ownQuery(expected),
      headers: lower.flat(),
      expiresInSeconds: expiration,
      contentHash,
    });
    expect(sorted(url)).toBe(sorted(vector.expectedUrl.replace(':443/', '/')));
  });
});

describe("the driver's own addresses", () => {
  const open = (nowMs: number, options: GcsOptions = {}) =>
    createGcsDriver(
      { user: fixture.clientEmail, key: fixture.privateKey, ...options },
      createHost({ nowMs: () => nowMs }),
      NOWHERE,
    );

  it.each(['Simple GET', 'Simple PUT', 'Universe domain'])('are the published ones: %s', async (description) => {
    const vector = fixture.urls.find((each) => each.description === description) as Vector;
    const { timestamp, expiration: expiresInSeconds } = vector;
    const { container, key = '' } = targetOf(vector);
    const universe = description === 'Universe domain' ? { universeDomain: 'domain.com' } : {};
    const method = vector.method as 'GET' | 'PUT';
    const signed = await open(Date.parse(timestamp), universe).urls!.sign(
      { container, key },
      { method, expiresInSeconds },
      { attempt: 1 },
    );
    expect(sorted(signed.url)).toBe(sorted(vector.expectedUrl));
    expect(signed.expiresAtMs).toBe(Date.parse(timestamp) + expiresInSeconds * 1000);
  });

  it('begin a resumable upload as published', async () => {
    const vector = fixture.urls.find(({ description }) => description === 'POST for resumable uploads') as Vector;
    const driver = open(Date.parse(vector.timestamp));
    const start = await driver.gcs.signUploadStart(
      { container: 'test-bucket', key: 'test-object' },
      { expiresInSeconds: vector.expiration },
    );
    expect(sorted(start.url)).toBe(sorted(vector.expectedUrl));
    expect(start).toMatchObject({ method: 'POST', headers: { 'x-goog-resumable': 'start' } });
  });

  it('are the published one with an HMAC key', async () => {
    const user = 'GOOGTS7C7FUP3AIRVJTE';
    const key = 'bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ';
    const driver = open(Date.parse('2019-02-01T09:00:00Z'), { user, key });
    const ref = { container: 'test-bucket', key: 'test-object' };
    const { url } = await driver.urls!.sign(ref, { method: 'GET', expiresInSeconds: 10 }, { attempt: 1 });
    expect(url).toMatch(/-Signature=b7484957968bd0a000c8779906009444f97e2a2ba5d8ae2659b628960d46860b$/);
  });

  it('post the published simple form', async () => {
    const [published] = fixture.policies;
    const { timestamp, expiration, policy, signature } = published!;
    const { conditions } = JSON.parse(Buffer.from(policy, 'base64').toString()) as {
      readonly conditions: readonly { readonly bucket?: string; readonly key?: string }[];
    };
    const container = conditions.find(({ bucket }) => bucket !== undefined)?.bucket ?? '';
    const driver = open(Date.parse(timestamp));
    const ref = { container, key: 'test-object' };
    const form = await driver.urls!.signForm!(ref, { expiresInSeconds: expiration }, { attempt: 1 });
    expect(form.url).toBe(`https://storage.googleapis.com/${container}/`);
    expect(form.fields).toMatchObject({ key: 'test-object', policy, 'x-goog-signature': signature });
  });
});
