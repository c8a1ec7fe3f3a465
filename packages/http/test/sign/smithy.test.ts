import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AWS4, escapePath, escapeUri, presign, sha256OfBytes, Signer, signHeaders } from '../../src/index.js';

/** What Smithy asks of a hash. */
class NodeSha256 {
  readonly #hash: { update(data: Uint8Array): unknown; digest(): Buffer };
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string | Uint8Array);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error('not needed');
  }
}

const text = fc.string({
  unit: fc.constantFrom(...Array.from('aZ09-_.~ /+%&=?#:;,\'"()*!@$é😀{}[]|\\^`<>')),
  maxLength: 20,
});
const headerValue = fc
  .string({ unit: fc.constantFrom(...Array.from('aZ09-_.~ /+%&=?#:;,"\t')), minLength: 1, maxLength: 20 })
  .filter((value) => value.trim() !== '');
const headerName = fc.constantFrom(
  'content-type',
  'content-md5',
  'range',
  'if-match',
  'x-amz-acl',
  'x-amz-meta-a',
  'x-amz-meta-b',
);

const call = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD'),
  key: text,
  query: fc.dictionary(
    text.filter((name) => name !== ''),
    text,
    { maxKeys: 4 },
  ),
  headers: fc.dictionary(headerName, headerValue),
  body: fc.string({ maxLength: 50 }),
  token: fc.option(fc.string({ unit: fc.constantFrom(...Array.from('abcXYZ019+/=')), minLength: 1 }), {
    nil: undefined,
  }),
  secondsSince2000: fc.integer({ min: 946_684_800, max: 4_000_000_000 }),
});

describe('signatures', () => {
  it("are those of AWS's own signer, as headers", async () => {
    await fc.assert(
      fc.asyncProperty(call, async ({ method, key, query, headers, body, token, secondsSince2000 }) => {
        const keys = { accessKeyId: 'AKID', secretAccessKey: 's3cr3t', sessionToken: token };
        const pairs = Object.entries(query).map(([name, value]) => `${escapeUri(name)}=${escapeUri(value)}`);
        const path = `/bucket/${escapePath(key)}`;
        const request = {
          method,
          origin: 'https://store.example:9000',
          path: pairs.length > 0 ? `${path}?${pairs.join('&')}` : path,
          headers: Object.entries(headers).flat(),
        };
        const ours = new Signer({ scheme: AWS4, region: 'eu-west-1', service: 's3' });
        signHeaders(ours, request, sha256OfBytes(Buffer.from(body)), keys, secondsSince2000 * 1000);

        const theirs = new SignatureV4({
          credentials: {
            accessKeyId: 'AKID',
            secretAccessKey: 's3cr3t',
            ...(token === undefined ? {} : { sessionToken: token }),
          },
          region: 'eu-west-1',
          service: 's3',
          sha256: NodeSha256,
          uriEscapePath: false,
        });
        const signed: unknown = await theirs.sign(
          {
            method,
            protocol: 'https:',
            hostname: 'store.example',
            port: 9000,
            path,
            query,
            headers: { ...headers, host: 'store.example:9000' },
            body,
          } as never,
          { signingDate: new Date(secondsSince2000 * 1000) },
        );
        const authorization = request.headers[request.headers.indexOf('authorization') + 1];
        expect(authorization).toBe((signed as { headers: Record<string, string> }).headers['authorization']);
      }),
      { numRuns: 150 },
    );
  });

  it("are those of AWS's own signer, as queries", async () => {
    await fc.assert(
      fc.asyncProperty(
        call,
        fc.integer({ min: 1, max: 604_800 }),
        async ({ method, key, query, token, secondsSince2000 }, life) => {
          const pairs = Object.entries(query).map(([name, value]) => `${escapeUri(name)}=${escapeUri(value)}`);
          const path = `/bucket/${escapePath(key)}`;
          const url = presign(
            new Signer({ scheme: AWS4, region: 'eu-west-1', service: 's3' }),
            {
              method,
              origin: 'https://store.example',
              path: pairs.length > 0 ? `${path}?${pairs.join('&')}` : path,
              expiresInSeconds: life,
            },
            { accessKeyId: 'AKID', secretAccessKey: 's3cr3t', sessionToken: token },
            secondsSince2000 * 1000,
          );
          const theirs = new SignatureV4({
            credentials: {
              accessKeyId: 'AKID',
              secretAccessKey: 's3cr3t',
              ...(token === undefined ? {} : { sessionToken: token }),
            },
            region: 'eu-west-1',
            service: 's3',
            sha256: NodeSha256,
            uriEscapePath: false,
          });
          const signed = await theirs.presign(
            {
              method,
              protocol: 'https:',
              hostname: 'store.example',
              path,
              query,
              headers: { host: 'store.example', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
            },
            {
              signingDate: new Date(secondsSince2000 * 1000),
              expiresIn: life,
              unsignableHeaders: new Set(['x-amz-content-sha256']),
              unhoistableHeaders: new Set(['x-amz-content-sha256']),
            },
          );
          expect(/X-Amz-Signature=(\w+)/.exec(url)?.[1]).toBe(
            (signed.query as Record<string, string>)['X-Amz-Signature'],
          );
        },
      ),
      { numRuns: 150 },
    );
  });
});
