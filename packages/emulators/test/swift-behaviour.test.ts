import { createHash, createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fault, SwiftEmulator } from '../src/index.js';
import { loginV1, type RawAnswer, type RawRequest, sendRaw } from './swift/raw-client.js';

let nowMs = Date.parse('2026-11-26T12:00:00Z');
let swift: SwiftEmulator;
let token: string;

beforeEach(async () => {
  swift = await SwiftEmulator.start({ nowMs: () => nowMs });
  token = await loginV1(swift.v1.authUrl, swift.v1.user, swift.v1.key);
  await send('PUT', '/c');
});
afterEach(async () => {
  await swift.close();
});

function send(method: string, path: string, more: Partial<RawRequest> = {}): Promise<RawAnswer> {
  return sendRaw(swift.v1.storageUrl, token, { method, path, ...more });
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

describe('objects', () => {
  it('are gone when their time is over', async () => {
    await send('PUT', '/c/o', { body: 'x', headers: { 'x-delete-after': '60' } });
    expect((await send('HEAD', '/c/o')).headers['x-delete-at']).toBe(String(Math.floor(nowMs / 1000) + 60));
    nowMs += 60_000;
    const statuses = await Promise.all(['GET', 'HEAD', 'POST', 'DELETE'].map((method) => send(method, '/c/o')));
    expect(statuses.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });

  it('are not stored when their upload breaks off', async () => {
    const { port, hostname } = new URL(swift.endpoint);
    const { connect } = await import('node:net');
    const socket = connect(Number(port), hostname);
    socket.write(
      `PUT /v1/AUTH_test/c/broken HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${token}\r\nContent-Length: 100\r\n\r\nabc`,
    );
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await new Promise((resolve) => socket.once('close', resolve));
    expect((await send('HEAD', '/c/broken')).status).toBe(404);
  });

  it('of a large object have the published ETags', async () => {
    await send('PUT', '/c/1', { body: 'hello ' });
    await send('PUT', '/c/2', { body: 'world' });
    const manifest = async (first: object) => {
      const body = JSON.stringify([{ path: '/c/1', ...first }, { path: '/c/2' }]);
      return (await send('PUT', '/c/big?multipart-manifest=put', { body })).headers['etag'];
    };
    expect(await manifest({})).toBe('"a9241ba5acd28b215123d94a556f0dcc"');
    expect(await manifest({ range: '0-2' })).toBe('"081198fabab13236f970a51d4a7b953e"');
  });
});

describe('a signed URL', () => {
  it('opens its object until it expires', async () => {
    await send('POST', '', { headers: { 'x-account-meta-temp-url-key': 'mykey' } });
    await send('PUT', '/c/o', { body: 'hello' });
    const expires = Math.floor(nowMs / 1000) + 60;
    const signature = createHmac('sha256', 'mykey')
      .update(`GET\n${String(expires)}\n/v1/AUTH_test/c/o`)
      .digest('hex');
    const path = `/c/o?temp_url_sig=${signature}&temp_url_expires=${String(expires)}`;
    expect((await send('GET', path, { isAnonymous: true })).body.toString()).toBe('hello');
    nowMs += 61_000;
    expect((await send('GET', path, { isAnonymous: true })).status).toBe(401);
  });
});

describe('faults', () => {
  const add = (fault: Fault): void =>
    void swift.faults.add({ fault, times: 1, when: ({ operation }) => operation === 'GetObject' });
  beforeEach(async () => {
    await send('PUT', '/c/o', { body: '0123456789' });
    swift.forget();
  });

  it('answer with a status, once, without the work', async () => {
    add({ kind: 'status', status: 503, retryAfterSeconds: 2 });
    const refused = await send('GET', '/c/o');
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '2']);
    expect((await send('GET', '/c/o')).status).toBe(200);
    expect(swift.requests.map(({ operation }) => operation)).toEqual(['GetObject', 'GetObject']);
  });

  it('truncate a body, and flip a bit of one', async () => {
    add({ kind: 'truncate', afterBytes: 4 });
    const cut = await send('GET', '/c/o');
    expect([cut.body.toString(), cut.isCut, cut.headers['content-length']]).toEqual(['0123', true, '10']);
    add({ kind: 'corrupt' });
    const { body, headers } = await send('GET', '/c/o');
    expect([body.length, headers['etag']]).toEqual([10, md5('0123456789')]);
    expect(md5(body.toString('latin1'))).not.toBe(headers['etag']);
  });

  it.each([
    { kind: 'reset', at: 'before-work' },
    { kind: 'reset', at: 'after-work' },
  ] as const)('break the connection: $at', async (fault) => {
    swift.faults.add({ fault, times: 1, when: ({ operation }) => operation === 'PutObject' });
    await expect(send('PUT', '/c/new', { body: 'x' })).rejects.toThrow();
    expect((await send('HEAD', '/c/new')).status).toBe(fault.at === 'after-work' ? 200 : 404);
  });

  it('break a body in its middle, or hold it back', async () => {
    add({ kind: 'reset', at: 'mid-body' });
    // A reset may throw away also what the client had not read yet, the headers among it.
    const isBroken = send('GET', '/c/o').then(
      ({ isCut }) => isCut,
      (error: unknown) => (error as NodeJS.ErrnoException).code === 'ECONNRESET',
    );
    expect(await isBroken).toBe(true);
    add({ kind: 'hang', at: 'before-headers' });
    const signal = AbortSignal.timeout(50);
    const url = `${swift.v1.storageUrl}/c/o`;
    await expect(fetch(url, { headers: { 'x-auth-token': token }, signal })).rejects.toThrow();
    add({ kind: 'delay', delayMs: 30 });
    const startedMs = performance.now();
    expect((await send('GET', '/c/o')).status).toBe(200);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(25);
  });

  it('strike logins too, in the form of an identity service', async () => {
    swift.faults.add({ fault: { kind: 'status', status: 429 }, when: ({ operation }) => operation === 'Login' });
    const answer = await fetch(`${swift.keystone.v3}/auth/tokens`, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(429);
    expect(await answer.json()).toMatchObject({ error: { code: 429 } });
  });
});

describe('the CDN of Cloud Files', () => {
  let cdnUrl: string;
  let storageUrl: string;
  beforeEach(async () => {
    const credentials = { username: 'alice', apiKey: '0123456789abcdef0123456789abcdef' };
    const answer = await fetch(`${swift.rackspace.us}/tokens`, {
      method: 'POST',
      body: JSON.stringify({ auth: { 'RAX-KSKEY:apiKeyCredentials': credentials } }),
    });
    interface Entry {
      readonly name: string;
      readonly endpoints: readonly { readonly region: string; readonly publicURL: string }[];
    }
    const { access } = (await answer.json()) as { access: { token: { id: string }; serviceCatalog: readonly Entry[] } };
    const urlOf = (name: string): string =>
      access.serviceCatalog.find((entry) => entry.name === name)?.endpoints.find(({ region }) => region === 'ORD')
        ?.publicURL ?? '';
    token = access.token.id;
    cdnUrl = urlOf('cloudFilesCDN');
    storageUrl = urlOf('cloudFiles');
    await sendRaw(storageUrl, token, { method: 'PUT', path: '/images' });
    await sendRaw(storageUrl, token, { method: 'PUT', path: '/images/a%20b.jpg', body: 'x' });
  });

  const cdn = (method: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> =>
    sendRaw(cdnUrl, token, { method, path, headers });

  it('publishes a container, tells its addresses and takes it back', async () => {
    expect((await cdn('HEAD', '/images')).status).toBe(404);
    expect((await cdn('PUT', '/images', { 'x-cdn-enabled': 'True', 'x-ttl': '900' })).status).toBe(201);
    expect((await cdn('PUT', '/images', { 'x-cdn-enabled': 'True', 'x-ttl': '1000' })).status).toBe(202);
    expect((await cdn('PUT', '/images', { 'x-ttl': '899' })).status).toBe(400);
    const { headers } = await cdn('HEAD', '/images');
    expect(headers).toMatchObject({ 'x-cdn-enabled': 'True', 'x-ttl': '1000', 'x-log-retention': 'False' });
    expect(headers['x-cdn-ssl-uri']).toMatch(/^https:/);
    const listed = JSON.parse((await cdn('GET', '?format=json')).body.toString()) as object[];
    expect(listed).toMatchObject([{ name: 'images', cdn_enabled: true, ttl: 1000, 'X-Cdn-Uri': headers['x-cdn-uri'] }]);
    await cdn('POST', '/images', { 'x-cdn-enabled': 'False' });
    expect((await cdn('HEAD', '/images')).headers['x-cdn-enabled']).toBe('False');
    expect((await cdn('GET', '?format=json&enabled_only=true')).body.toString()).toBe('[]');
  });

  it('purges objects 25 times a day, and never deletes one', async () => {
    await cdn('PUT', '/images', { 'x-cdn-enabled': 'True' });
    for (let count = 0; count < 25; count += 1) expect((await cdn('DELETE', '/images/a%20b.jpg')).status).toBe(204);
    expect((await cdn('DELETE', '/images/a%20b.jpg')).status).toBe(498);
    expect(new Set(swift.purged('us'))).toEqual(new Set(['MossoCloudFS_aaa/images/a b.jpg']));
    expect((await sendRaw(storageUrl, token, { method: 'HEAD', path: '/images/a%20b.jpg' })).status).toBe(200);
  });
});
