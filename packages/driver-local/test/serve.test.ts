import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { createMemoryDriver } from '@stowage/core/memory';
import type { PutRequest, SignUrlRequest, UrlMethod } from '@stowage/core/spi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRequestHandler, type RequestHandlerOptions } from '../src/index.js';
import { at, bodyOf, ctx, type Lab, makeLab, put, SECRET, text } from './lab.js';

let lab: Lab;
let server: Server;
let base: string;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.now();
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/media`;
  lab = await makeLab({ baseUrl: base, urlSecret: SECRET }, { nowMs: () => nowMs });
  serve();
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function serve(options?: RequestHandlerOptions): void {
  server.removeAllListeners('request');
  server.on('request', createRequestHandler(lab.driver, options));
}

async function sign(key: string, method: UrlMethod = 'GET', request: Partial<SignUrlRequest> = {}): Promise<string> {
  return (await lab.driver.urls!.sign(at(key), { method, expiresInSeconds: 60, ...request }, ctx)).url;
}

async function store(key: string, content: string, request: PutRequest = {}): Promise<string> {
  return (await lab.driver.put(at(key), bodyOf(content), request, ctx)).record.etag!;
}

describe('a signed URL', () => {
  it('gives the object with what was stored beside it', async () => {
    const etag = await store('a b/ä.txt', 'content', {
      contentType: 'text/plain',
      contentLanguage: 'de',
      contentEncoding: 'identity',
      contentDisposition: 'inline; filename="x.txt"',
      cacheControl: 'max-age=5',
    });
    const response = await fetch(await sign('a b/ä.txt'));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('content');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain',
      'content-language': 'de',
      'content-disposition': 'inline; filename="x.txt"',
      'content-length': '7',
      'cache-control': 'max-age=5',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      etag: `"${etag}"`,
    });
    expect(Date.parse(response.headers.get('last-modified')!)).toBeLessThanOrEqual(nowMs);
  });

  it('streams large objects, and closes them when the reader leaves', async () => {
    await put(lab.driver, 'large', Buffer.alloc(5 << 20, 'x'));
    const url = await sign('large');
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(5 << 20);
    const { readdirSync } = await import('node:fs');
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    const request = get(url);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response, 'data');
    response.destroy();
    await expect.poll(open).toBeLessThanOrEqual(before);
  });

  it('answers with the headers that were asked for when it was signed', async () => {
    await store('a', 'content', { contentType: 'text/plain' });
    const response = { contentType: 'application/pdf', contentDisposition: "attachment; filename*=UTF-8''%C3%A4.pdf" };
    const { headers } = await fetch(await sign('a', 'GET', { response }));
    expect(headers.get('content-type')).toBe(response.contentType);
    expect(headers.get('content-disposition')).toBe(response.contentDisposition);
  });

  it.each(['a\r\nset-cookie: x=1', 'ä', 'nul\0'])(
    'is not made with the header value %j',
    async (contentDisposition) => {
      const signing = sign('a', 'GET', { response: { contentDisposition } });
      await expect(signing).rejects.toMatchObject({ code: 'invalid-argument' });
    },
  );

  it.each([
    ['key', (url: URL) => (url.pathname += 'x')],
    ['container', (url: URL) => (url.pathname = url.pathname.replace('box', 'bag'))],
    ['time', (url: URL) => url.searchParams.set('expires', String(Number(url.searchParams.get('expires')) + 1))],
    ['type of the answer', (url: URL) => url.searchParams.set('response-content-type', 'text/html')],
    ['file name of the answer', (url: URL) => url.searchParams.set('response-content-disposition', 'inline')],
    ['signature', (url: URL) => url.searchParams.set('signature', 'A'.repeat(43))],
    ['signature, made empty', (url: URL) => url.searchParams.set('signature', '')],
    ['signature, left out', (url: URL) => url.searchParams.delete('signature')],
  ])('of which the %s was changed opens nothing', async (_what, change) => {
    await store('a', 'content');
    await store('ax', 'other');
    const url = new URL(await sign('a'));
    change(url);
    const response = await fetch(url);
    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain('content');
  });

  it('ends with its time', async () => {
    await store('a', 'content');
    const url = await sign('a');
    nowMs += 59_000;
    expect((await fetch(url)).status).toBe(200);
    nowMs += 2_000;
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([403, 'The time of this address is over.\n']);
  });

  it('is for one method', async () => {
    await store('a', 'content');
    const url = await sign('a');
    for (const method of ['HEAD', 'PUT', 'DELETE']) expect((await fetch(url, { method })).status).toBe(403);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect(await text(lab.driver, 'a')).toBe('content');
  });

  it('shows no secret', async () => {
    expect(await sign('a')).not.toContain(encodeURIComponent(SECRET));
  });
});

describe('a GET', () => {
  beforeEach(() => store('a', '0123456789', { contentType: 'text/plain' }));

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ])('of %s gives those bytes', async (range, expected, contentRange) => {
    const response = await fetch(await sign('a'), { headers: { range } });
    expect(response.status).toBe(206);
    expect(await response.text()).toBe(expected);
    expect(response.headers.get('content-range')).toBe(contentRange);
    expect(response.headers.get('content-length')).toBe(String(expected.length));
  });

  it.each(['bytes=10-', 'bytes=-0'])('of %s tells how long the object is', async (range) => {
    const response = await fetch(await sign('a'), { headers: { range } });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */10');
  });

  it.each(['bytes=1-2,4-5', 'lines=1-2', 'bytes=5-2', 'bytes=-', 'bytes'])('of %s gives the whole', async (range) => {
    const response = await fetch(await sign('a'), { headers: { range } });
    expect([response.status, await response.text()]).toEqual([200, '0123456789']);
  });

  it('of a range that holds for one version gives the whole of another', async () => {
    const { etag, modifiedAtMs } = await lab.driver.stat(at('a'), {}, ctx);
    const status = async (ifRange: string): Promise<number> =>
      (await fetch(await sign('a'), { headers: { range: 'bytes=0-1', 'if-range': ifRange } })).status;
    expect(await status(`"${etag}"`)).toBe(206);
    expect(await status(new Date(modifiedAtMs!).toUTCString())).toBe(206);
    expect(await status('"other"')).toBe(200);
    expect(await status(`W/"${etag}"`)).toBe(200);
    expect(await status(new Date(0).toUTCString())).toBe(200);
  });

  it('is conditional as HTTP has it', async () => {
    const { etag, modifiedAtMs } = await lab.driver.stat(at('a'), {}, ctx);
    const then = new Date(modifiedAtMs!).toUTCString();
    const before = new Date(modifiedAtMs! - 5000).toUTCString();
    const cases: [Record<string, string>, number][] = [
      [{ 'if-none-match': `"${etag}"` }, 304],
      [{ 'if-none-match': `"x", W/"${etag}"` }, 304],
      [{ 'if-none-match': '*' }, 304],
      [{ 'if-none-match': '"x"', 'if-modified-since': then }, 200],
      [{ 'if-modified-since': then }, 304],
      [{ 'if-modified-since': before }, 200],
      [{ 'if-modified-since': 'no date' }, 200],
      [{ 'if-match': `"x", "${etag}"` }, 200],
      [{ 'if-match': '"x"' }, 412],
      [{ 'if-match': `W/"${etag}"` }, 412],
      [{ 'if-unmodified-since': before }, 412],
      [{ 'if-unmodified-since': then }, 200],
    ];
    for (const [headers, status] of cases) {
      const response = await fetch(await sign('a'), { headers });
      expect([headers, response.status]).toEqual([headers, status]);
      if (status === 304) expect(response.headers.get('etag')).toBe(`"${etag}"`);
    }
  });

  it('of what a browser would run gives it no scripts and no site', async () => {
    for (const [key, contentType] of [
      ['x.html', 'text/html'],
      ['x.svg', 'image/svg+xml'],
    ] as const) {
      await store(key, '<script>1</script>', { contentType });
      expect((await fetch(await sign(key))).headers.get('content-security-policy')).toContain('sandbox');
    }
    expect((await fetch(await sign('a'))).headers.get('content-security-policy')).toBeNull();
  });

  it('never lists a directory, and tells nothing of the machine', async () => {
    mkdirSync(join(lab.root, 'box/dir'));
    writeFileSync(join(lab.root, 'box/dir/file'), '');
    for (const path of ['/box/dir', '/box/dir/', '/box/', '/box', '/', '', '/../media/box/a', '/.stowage/version']) {
      const response = await fetch(base + path);
      expect([403, 404, 400]).toContain(response.status);
      expect(await response.text()).not.toContain(lab.root);
    }
    const missing = await fetch(await sign('missing'));
    expect([missing.status, await missing.text()]).toEqual([404, 'There is no such object.\n']);
  });

  it('of malformed addresses is answered, and the server lives on', async () => {
    const { port } = server.address() as AddressInfo;
    for (const target of ['/media/box/%', '/media/box/%00', '//media/box/a', 'http://other/media/box/a', '*']) {
      const socket = connect(port, '127.0.0.1');
      socket.end(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      expect(await readText(socket)).toMatch(/^HTTP\/1.1 4\d\d /);
    }
    expect((await fetch(await sign('a'))).status).toBe(200);
  });

  it('gives stored headers that no header can hold as well as it can', async () => {
    await store('odd', 'x', { contentDisposition: 'attachment; filename="ä\u0007\r\nx-evil: 1"' });
    const { headers } = await fetch(await sign('odd'));
    expect(headers.get('x-evil')).toBeNull();
    expect(Buffer.from(headers.get('content-disposition')!, 'latin1').toString()).toBe(
      'attachment; filename="äx-evil: 1"',
    );
  });
});

describe('a HEAD', () => {
  it('tells the size without the body', async () => {
    await store('a', 'content', { contentType: 'text/plain' });
    const response = await fetch(await sign('a', 'HEAD'), { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '7']);
    expect((await fetch(await sign('none', 'HEAD'), { method: 'HEAD' })).status).toBe(404);
  });
});

describe('a PUT', () => {
  it('stores the body with its headers, of known and of unknown length', async () => {
    const headers = { 'content-type': 'text/plain', 'cache-control': 'no-store', 'content-language': 'de' };
    const first = await fetch(await sign('a', 'PUT'), { method: 'PUT', body: 'content', headers });
    expect(first.status).toBe(200);
    expect(await lab.driver.stat(at('a'), {}, ctx)).toMatchObject({
      contentType: 'text/plain',
      cacheControl: 'no-store',
      contentLanguage: 'de',
    });
    expect(first.headers.get('etag')).toBe(`"${(await lab.driver.stat(at('a'), {}, ctx)).etag}"`);
    const body = ReadableStream.from([Buffer.from('str'), Buffer.from('eam')]);
    await fetch(await sign('b', 'PUT'), { method: 'PUT', body, duplex: 'half' });
    expect(await text(lab.driver, 'b')).toBe('stream');
  });

  it('brings the content type that it was signed for, or nothing is stored', async () => {
    const url = await sign('a', 'PUT', { contentType: 'image/png' });
    const refused = await fetch(url, { method: 'PUT', body: 'x', headers: { 'content-type': 'text/html' } });
    expect(refused.status).toBe(403);
    expect((await fetch(url, { method: 'PUT', body: 'x', headers: { 'content-type': 'image/png' } })).status).toBe(200);
  });

  it('holds to its conditions and its digest', async () => {
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(await sign('a', 'PUT'), { method: 'PUT', body: 'content', headers })).status;
    expect(await status({ 'if-none-match': '*' })).toBe(200);
    expect(await status({ 'if-none-match': '*' })).toBe(412);
    expect(await status({ 'if-match': '"x"' })).toBe(412);
    expect(await status({ 'if-match': `"${(await lab.driver.stat(at('a'), {}, ctx)).etag}"` })).toBe(200);
    expect(await status({ 'content-md5': 'mgNkuembtIDdJeHwKEyFVQ==' })).toBe(200);
    expect(await status({ 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' })).toBe(400);
    expect(await status({ 'content-md5': 'nonsense' })).toBe(400);
    expect(await status({ 'if-none-match': '"x"' })).toBe(400);
  });

  it('that breaks off stores nothing', async () => {
    await store('a', 'before');
    const url = new URL(await sign('a', 'PUT'));
    const socket = connect(Number(url.port), '127.0.0.1');
    socket.write(`PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf`);
    await new Promise((resolve) => server.once('request', resolve));
    socket.destroy();
    const { readdirSync } = await import('node:fs');
    const staging = join(lab.root, '.stowage/containers/box/staging');
    await expect.poll(() => readdirSync(staging)).toEqual([]);
    expect(await text(lab.driver, 'a')).toBe('before');
  });
});

describe('a DELETE', () => {
  it('deletes, once or twice', async () => {
    await store('a', 'content');
    const url = await sign('a', 'DELETE');
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    await expect(lab.driver.stat(at('a'), {}, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
  });
});

describe('public reading', () => {
  it('is off unless it is asked for, and never lets anybody write', async () => {
    await store('a//b/../c', 'content');
    const address = lab.driver.urls!.publicUrl!(at('a//b/../c'));
    expect((await fetch(address)).status).toBe(403);
    serve({ publicRead: true });
    expect(await (await fetch(address)).text()).toBe('content');
    expect((await fetch(`${address}?response-content-type=text/html`)).headers.get('content-type')).not.toBe(
      'text/html',
    );
    expect((await fetch(address, { method: 'HEAD' })).status).toBe(200);
    for (const method of ['PUT', 'DELETE']) expect((await fetch(address, { method })).status).toBe(403);
    const forged = await fetch(`${address}?signature=AAAA`);
    expect(forged.status).toBe(403);
  });
});

describe('createRequestHandler()', () => {
  it('takes options, and may be mounted below the path of another server', async () => {
    await store('a', 'content');
    const handler = createRequestHandler({ root: lab.root, baseUrl: base, urlSecret: SECRET });
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      Object.assign(request, { originalUrl: request.url });
      request.url = request.url!.replace('/media', '');
      handler(request, response);
    });
    nowMs = Date.now();
    expect(await (await fetch(await sign('a'))).text()).toBe('content');
  });

  it('needs a local driver that knows where it is served', () => {
    expect(() => createRequestHandler(createMemoryDriver())).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
    const { root } = lab;
    expect(() => createRequestHandler({ root })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('tells the operator, and not the visitor, why it failed', async () => {
    await store('a', 'content');
    const url = await sign('a');
    lab.driver.stat = () => Promise.reject(new Error(`disk ${lab.root} is on fire`));
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([500, 'The request failed.\n']);
    expect(lab.warnings).toEqual([expect.stringContaining('is on fire')]);
  });
});
