import { createHash, createHmac, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacSigner } from '../../src/sign/keys.js';
import {
  AWS4,
  EMPTY_SHA256,
  GOOG4,
  GOOG4_RSA,
  presign,
  rsaSigner,
  sha256OfBytes,
  Signer,
  signHeaders,
  type SigningKeys,
  signPolicy,
  UNSIGNED_PAYLOAD,
} from '../../src/index.js';

function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'));
}

interface AwsSuite {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: string;
  readonly time: string;
  readonly expiresInSeconds: number;
  readonly cases: readonly {
    readonly name: string;
    readonly method: string;
    readonly path: string;
    readonly host: string;
    readonly headers: readonly string[];
    readonly contentHash: string;
    readonly sendContentHash?: boolean;
    readonly token?: string;
    readonly signature: string;
    readonly queryContentHash: string;
    readonly querySignature: string;
  }[];
}

const suite = readFixture('aws-signing-test-suite.json') as AwsSuite;

describe("AWS's signing test suite", () => {
  const nowMs = Date.parse(suite.time);

  describe.each(suite.cases)('$name', (vector) => {
    const keys: SigningKeys = {
      accessKeyId: suite.accessKeyId,
      secretAccessKey: suite.secretAccessKey,
      sessionToken: vector.token,
    };
    const signer = new Signer({
      scheme: AWS4,
      region: suite.region,
      service: suite.service,
      sendContentHash: vector.sendContentHash ?? false,
    });
    const { method, path } = vector;
    const origin = `https://${vector.host}`;

    it('gives the published signature as a header', () => {
      const request = { method, path, origin, headers: [...vector.headers] };
      const { signature } = signHeaders(signer, request, vector.contentHash, keys, nowMs);
      expect(signature).toBe(vector.signature);
      expect(request.headers.at(-2)).toBe('authorization');
      expect(request.headers.at(-1)).toMatch(new RegExp(`^AWS4-HMAC-SHA256 Credential=.*, Signature=${signature}$`));
    });

    it('gives the published signature as a query', () => {
      const url = presign(
        signer,
        {
          method,
          path,
          origin,
          headers: vector.headers,
          expiresInSeconds: suite.expiresInSeconds,
          contentHash: vector.queryContentHash,
        },
        keys,
        nowMs,
      );
      expect(new URL(url).searchParams.get('X-Amz-Signature')).toBe(vector.querySignature);
    });
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
describe("the examples of S3's documentation", () => {
  const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
  const signer = new Signer({ scheme: AWS4, region: 'us-east-1', service: 's3' });
  const nowMs = Date.parse('2013-05-24T00:00:00Z');
  const origin = 'https://examplebucket.s3.amazonaws.com';

  it.each([
    {
      name: 'GET Object',
      method: 'GET',
      path: '/test.txt',
      headers: ['range', 'bytes=0-9'],
      body: '',
      signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    },
    {
      name: 'PUT Object',
      method: 'PUT',
      path: '/test%24file.text',
      headers: ['date', 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class', 'REDUCED_REDUNDANCY'],
      body: 'Welcome to Amazon S3.',
      signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    },
    {
      name: 'GET Bucket Lifecycle',
      method: 'GET',
      path: '/?lifecycle',
      headers: [],
      body: '',
      signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    },
    {
      name: 'GET Bucket (List Objects)',
      method: 'GET',
      path: '/?max-keys=2&prefix=J',
      headers: [],
      body: '',
      signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    },
  ])('$name', ({ method, path, headers, body, signature }) => {
    const request = { method, path, origin, headers: [...headers] };
    expect(signHeaders(signer, request, sha256OfBytes(Buffer.from(body)), keys, nowMs).signature).toBe(signature);
  });

  it('signs the address of the documentation, whole', () => {
    const url = presign(signer, { method: 'GET', origin, path: '/test.txt', expiresInSeconds: 86_400 }, keys, nowMs);
    expect(url).toBe(
      `${origin}/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request` +
        '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
        '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
  it('signs the policy of the documentation', () => {
    const { sign } = new Signer({ scheme: AWS4, region: 'us-east-1', service: 's3' }).dayKey(keys, '20151229T000000Z');
    const policy = Buffer.from(
      readFileSync(new URL('../fixtures/s3-post-policy.txt', import.meta.url), 'latin1').trim(),
    );
    expect(sign(policy.toString('latin1'))).toBe('8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e');
  });
});

interface GoogleSuite {
  readonly clientEmail: string;
  readonly privateKey: string;
  readonly urls: readonly {
    readonly description: string;
    readonly method: string;
    readonly expiration: number;
    readonly timestamp: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly expectedUrl: string;
  }[];
  readonly policies: readonly {
    readonly description: string;
    readonly timestamp: string;
    readonly expiration: number;
    readonly conditions: readonly [];
    readonly fields: Readonly<Record<string, string>>;
    readonly policy: string;
    readonly signature: string;
  }[];
}

describe("Google's conformance tests", () => {
  const google = readFixture('google-v4-signatures.json') as GoogleSuite;
  const keys = { accessKeyId: google.clientEmail, sign: rsaSigner(createPrivateKey(google.privateKey)) };
  const signer = new Signer({ scheme: GOOG4_RSA, region: 'auto', service: 'storage' });
  const made = (url: URL): [string, string][] => [...url.searchParams].sort(([a], [b]) => (a < b ? -1 : 1));

  // Three are signed for a host without the port at which it is asked; that is not the Host header that a client sends.
  const signable = google.urls.filter(({ expectedUrl }) => !expectedUrl.includes(':8080'));

  it('leaves out no more than three', () => expect(signable).toHaveLength(google.urls.length - 3));

  it.each(signable)('$description', ({ method, expiration, timestamp, headers = {}, ...rest }) => {
    const expectedUrl = rest.expectedUrl.replace(':443/', '/');
    const expected = new URL(expectedUrl);
    const own = expected.search
      .slice(1)
      .split('&')
      .filter((pair) => !/^X-Goog-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature)=/.test(pair));
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    const contentHash = lower.find(([name]) => name === 'x-goog-content-sha256')?.[1] ?? UNSIGNED_PAYLOAD;
    const url = presign(
      signer,
      {
        method,
        origin: expected.origin,
        path:
          expectedUrl.slice(expected.origin.length).replace(/\?.*$/, '') + (own.length > 0 ? `?${own.join('&')}` : ''),
        headers: lower.flat(),
        expiresInSeconds: expiration,
        contentHash,
      },
      keys,
      Date.parse(timestamp),
    );
    expect(made(new URL(url))).toEqual(made(expected));
  });

  it.each(google.policies)('$description', ({ timestamp, expiration, conditions, fields, policy, signature }) => {
    const nowMs = Date.parse(timestamp);
    const signed = signPolicy(signer, { fields, conditions, expiresAtMs: nowMs + expiration * 1000 }, keys, nowMs);
    expect(signed['policy']).toBe(policy);
    expect(signed['x-goog-signature']).toBe(signature);
  });
});

// Made by a second implementation, whose AWS rows botocore 1.43.11 confirms; id and secret are those of Google's documentation.
describe('HMAC keys at Google', () => {
  const keys = { accessKeyId: 'GOOGTS7C7FUP3AIRVJTE', secretAccessKey: 'bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ' };
  const nowMs = Date.parse('2019-02-01T09:00:00Z');
  const origin = 'https://storage.googleapis.com';
  const google = new Signer({ scheme: GOOG4, region: 'auto', service: 'storage' });
  const amazon = new Signer({ scheme: AWS4, region: 'auto', service: 's3' });

  it.each([
    {
      signer: google,
      path: '/travel-maps/europe/france/paris.jpg',
      signature: 'ad82960f2c41ae9626087efc138a68b63b792bd1aaf941a0d43ff7398226de64',
    },
    {
      signer: google,
      method: 'PUT',
      path: '/travel-maps/a%20b/%C3%A9%2B~.txt',
      headers: ['content-type', 'text/plain', 'x-goog-if-generation-match', '0', 'x-goog-meta-note', 'bob  jane '],
      body: 'hello',
      signature: '0c6889ba3d654496001b5d68878755abc60d3f41d1d5a6acdf0b9a04636c76c1',
    },
    {
      signer: google,
      path: '/travel-maps/?prefix=a%20b%2F&list-type=2&max-keys=1000&delimiter=%2F',
      signature: 'c5792b01a11912a48a127c30868fac16de7ee94741e183fd4afe6df740723595',
    },
    {
      signer: amazon,
      path: '/travel-maps/europe/france/paris.jpg',
      signature: 'f8dc96fc87aeafbf230108fced373ba26451eb75ffeea05d4a1b075faed5bb23',
    },
  ])(
    'sign $signer.scheme.algorithm of $path',
    ({ signer, method = 'GET', path, headers = [], body = '', signature }) => {
      const request = { method, origin, path, headers: [...headers] };
      expect(signHeaders(signer, request, sha256OfBytes(Buffer.from(body)), keys, nowMs).signature).toBe(signature);
    },
  );

  it.each([
    { signer: google, signature: 'b7484957968bd0a000c8779906009444f97e2a2ba5d8ae2659b628960d46860b' },
    { signer: amazon, signature: 'f3271ff3dffaf067e1e53b8fa1f8240badaf11a0ff50a886104cee5834a8b261' },
  ])('sign an address with $signer.scheme.algorithm', ({ signer, signature }) => {
    const request = { method: 'GET', origin, path: '/test-bucket/test-object', expiresInSeconds: 10 };
    expect(presign(signer, request, keys, nowMs)).toMatch(new RegExp(`-Signature=${signature}$`));
  });
});

it.each([
  { digest: 'sha256', text: 'latin1', signature: 'hex' },
  { digest: 'sha256', text: 'utf8', signature: 'hex' },
  { digest: 'sha1', text: 'utf8', signature: 'base64' },
] as const)('signs texts of any length as HMAC does: $digest, $text, $signature', (form) => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.nat(1500).map((length) => 'é'.repeat(length)),
    fc.nat(1500).map((length) => '€'.repeat(length)),
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), texts, (key, text) => {
      const expected = createHmac(form.digest, key).update(text, form.text).digest(form.signature);
      const sign = hmacSigner(Buffer.from(key), form);
      // Twice: what was signed before leaves nothing behind.
      expect([sign(text), sign(`${text}.`) === sign(text), sign(text)]).toEqual([expected, false, expected]);
    }),
  );
});

it('knows the hash of nothing', () => {
  expect(EMPTY_SHA256).toBe(createHash('sha256').digest('hex'));
});

it('signs header values whose bytes look like white space', () => {
  const keys = { accessKeyId: 'id', secretAccessKey: 'secret' };
  const signer = new Signer({ scheme: GOOG4, region: 'auto', service: 'storage' });
  // "à" ends with the byte 0xA0, which is a space to JavaScript.
  const signatureOf = (value: string): string => {
    const headers = ['x-goog-meta-a', Buffer.from(value).toString('latin1')];
    const request = { method: 'PUT', origin: 'https://storage.googleapis.com', path: '/b/k', headers };
    return signHeaders(signer, request, UNSIGNED_PAYLOAD, keys, 0).signature;
  };
  const canonical = [
    ...['PUT', '/b/k', '', 'host:storage.googleapis.com', 'x-goog-content-sha256:UNSIGNED-PAYLOAD'],
    ...['x-goog-date:19700101T000000Z', 'x-goog-meta-a:voilà', ''],
    ...['host;x-goog-content-sha256;x-goog-date;x-goog-meta-a', UNSIGNED_PAYLOAD],
  ].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const text = `GOOG4-HMAC-SHA256\n19700101T000000Z\n19700101/auto/storage/goog4_request\n${hash}`;
  const { sign } = signer.dayKey(keys, '19700101T000000Z');
  expect(signatureOf('voilà')).toBe(sign(text));
});
