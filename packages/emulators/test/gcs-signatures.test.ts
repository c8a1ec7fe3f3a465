import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GcsEmulator } from '../src/index.js';

const key = { accessKey: 'GOOGTS7C7FUP3AIRVJTE', secretKey: 'bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ' };
let nowMs = Date.parse('2019-02-01T09:00:00Z');
let emulator: GcsEmulator;

beforeAll(async () => {
  emulator = await GcsEmulator.start({ hmacKeys: [key], nowMs: () => nowMs });
});

afterAll(() => emulator.close());

interface Answer {
  readonly status: number;
  readonly body: string;
}

function send(method: string, path: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: '127.0.0.1', port: emulator.port, method, path, headers }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: text }));
    });
    outgoing.on('error', reject).end(body);
  });
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('HMAC signatures', () => {
  const host = 'storage.googleapis.com';
  const emptyHash = sha256('');

  /** Signatures that were computed elsewhere, for 2019-02-01T09:00:00Z. */
  it.each([
    ['GOOG4 of a read', 'GOOG4-HMAC-SHA256', 'ad82960f2c41ae9626087efc138a68b63b792bd1aaf941a0d43ff7398226de64'],
    ['AWS4 of a read', 'AWS4-HMAC-SHA256', 'f8dc96fc87aeafbf230108fced373ba26451eb75ffeea05d4a1b075faed5bb23'],
  ])('takes %s', async (_, algorithm, signature) => {
    const isGoog = algorithm.startsWith('GOOG');
    const prefix = isGoog ? 'x-goog' : 'x-amz';
    const scope = isGoog ? '20190201/auto/storage/goog4_request' : '20190201/auto/s3/aws4_request';
    const signed = `host;${prefix}-content-sha256;${prefix}-date`;
    const ask = (given: string) =>
      send('GET', '/travel-maps/europe/france/paris.jpg', {
        host,
        [`${prefix}-content-sha256`]: emptyHash,
        [`${prefix}-date`]: '20190201T090000Z',
        authorization: `${algorithm} Credential=${key.accessKey}/${scope}, SignedHeaders=${signed}, Signature=${given}`,
      });
    expect((await ask(signature)).body).toContain('NoSuchBucket');
    expect(await ask(signature.replace(/.$/, '0'))).toMatchObject({ status: 403 });
  });

  it('takes URLs that are signed for a while', async () => {
    const path = (prefix: string, algorithm: string, scope: string, signature: string): string =>
      `/test-bucket/test-object?X-${prefix}-Algorithm=${algorithm}&X-${prefix}-Credential=${key.accessKey}%2F20190201%2Fauto%2F${scope}&X-${prefix}-Date=20190201T090000Z&X-${prefix}-Expires=10&X-${prefix}-SignedHeaders=host&X-${prefix}-Signature=${signature}`;
    const goog = path(
      'Goog',
      'GOOG4-HMAC-SHA256',
      'storage%2Fgoog4_request',
      'b7484957968bd0a000c8779906009444f97e2a2ba5d8ae2659b628960d46860b',
    );
    const amz = path(
      'Amz',
      'AWS4-HMAC-SHA256',
      's3%2Faws4_request',
      'f3271ff3dffaf067e1e53b8fa1f8240badaf11a0ff50a886104cee5834a8b261',
    );
    for (const url of [goog, amz]) expect((await send('GET', url, { host })).body).toContain('NoSuchBucket');
    nowMs += 11_000;
    for (const url of [goog, amz]) expect((await send('GET', url, { host })).body).toContain('ExpiredToken');
    nowMs -= 11_000;
  });

  it('takes GOOG1 with the headers as they were sent', async () => {
    const date = 'Fri, 01 Feb  2019 09:00:00 GMT';
    const text = `GET\n\n\n${date}\n/travel-maps/a%20b.txt`;
    const signature = createHmac('sha1', key.secretKey).update(text).digest('base64');
    const ask = (given: string) =>
      send('GET', '/travel-maps/a%20b.txt', { host, date, authorization: `GOOG1 ${key.accessKey}:${given}` });
    expect((await ask(signature)).body).toContain('NoSuchBucket');
    expect((await ask('AAAA')).body).toContain('SignatureDoesNotMatch');
  });
});
