import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseOrigin } from '../../src/transport/origin.js';
import { chooseProxy, parseNoProxy } from '../../src/transport/proxy.js';
import { createAuthority, ctx, get, open, startHttp, startTls, type TestAuthority } from './servers.js';

interface TestProxy {
  readonly port: number;
  /** Request lines with what was told to the proxy. */
  readonly seen: { line: string; authorization: string | undefined; headers: Record<string, unknown> }[];
}

/** A proxy that wants `user:pass word`, as tinyproxy does. */
async function startProxy(refuse?: number): Promise<TestProxy> {
  const seen: TestProxy['seen'] = [];
  const wanted = `Basic ${Buffer.from('user:pass word').toString('base64')}`;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  };
  const server = createServer(({ method, url, headers, headersDistinct }, response) => {
    seen.push({ line: `${method} ${url}`, authorization: headers['proxy-authorization'], headers });
    if (headers['proxy-authorization'] !== wanted) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="x"' }).end();
      return;
    }
    const { hostname, port, pathname } = new URL(url!);
    const onward = connect(Number(port), hostname);
    keep(onward);
    onward.end(`${method} ${pathname} HTTP/1.1\r\nhost: ${headersDistinct['host']![0]}\r\nconnection: close\r\n\r\n`);
    onward.pipe(response.socket!);
  });
  server.on('connect', ({ url, headers }, socket: Socket) => {
    keep(socket);
    seen.push({ line: `CONNECT ${url}`, authorization: headers['proxy-authorization'], headers });
    const status = headers['proxy-authorization'] === wanted ? refuse : 407;
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [host = '', port] = url!.split(':');
    const onward = connect(Number(port), host, () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    keep(onward);
    onward.pipe(socket).pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

let authority: TestAuthority;
beforeAll(async () => {
  authority = await createAuthority('Proxy CA');
});

async function startTarget() {
  const seen: Record<string, unknown>[] = [];
  const server = await startTls(await authority.sign('127.0.0.1'), (request, response) => {
    seen.push(request.headers);
    response.end('ok');
  });
  const path = mkdtempSync(join(tmpdir(), 'stowage-proxy-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  writeFileSync(join(path, 'ca.pem'), authority.cert);
  return { server, seen, host: { network: { caCertsPath: [path], verifyTls: true } } };
}

const BASIC = 'Basic dXNlcjpwYXNzIHdvcmQ=';

describe('a proxy', () => {
  it('is asked for a way through to TLS, with its password, which the server never sees', async () => {
    const proxy = await startProxy();
    const { server, seen, host } = await startTarget();
    const transport = open({ proxyUrl: `http://user:pass%20word@127.0.0.1:${proxy.port}` }, host);
    for (let at = 0; at < 3; at += 1)
      expect((await transport.send(get(server.origin), ctx)).bytes.toString()).toBe('ok');
    expect(proxy.seen).toMatchObject([{ line: `CONNECT 127.0.0.1:${server.port}`, authorization: BASIC }]);
    expect(JSON.stringify(seen)).not.toContain('proxy');
  });

  it('gets plain requests whole, for the right host', async () => {
    const proxy = await startProxy();
    const server = await startHttp((request, response) => response.end(`${request.headers.host} ${request.url}`));
    const transport = open({ proxyUrl: `http://user:pass%20word@127.0.0.1:${proxy.port}` });
    const response = await transport.send(get(server.origin, { path: '/a//b' }), ctx);
    expect(response.bytes.toString()).toBe(`127.0.0.1:${server.port} /a//b`);
    expect(proxy.seen).toMatchObject([{ line: `GET ${server.origin}/a//b`, authorization: BASIC }]);
  });

  it.each(['https', 'http'])(
    'that refuses the password says so for %s, and no error holds the password',
    async (scheme) => {
      const proxy = await startProxy();
      const transport = open({ proxyUrl: `http://user:S3CR3T@127.0.0.1:${proxy.port}` });
      const failure: unknown = await transport
        .send(get(`${scheme}://127.0.0.1:9`), ctx)
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'unauthenticated',
        retryable: false,
        requestSent: false,
        message: expect.stringContaining(`The proxy 127.0.0.1:${proxy.port} asks for a user and password`),
      });
      const shown = inspect(failure, { depth: 10, showHidden: true });
      expect(shown).not.toContain('S3CR3T');
      expect(shown).not.toContain(Buffer.from('user:S3CR3T').toString('base64'));
    },
  );

  it.each([
    [403, 'permission-denied', false],
    [502, 'unavailable', true],
  ])('that answers %i is %s', async (status, code, retryable) => {
    const proxy = await startProxy(status);
    const transport = open({ proxyUrl: `http://user:pass%20word@127.0.0.1:${proxy.port}` });
    await expect(transport.send(get('https://127.0.0.1:9'), ctx)).rejects.toMatchObject({
      code,
      retryable,
      requestSent: false,
    });
  });

  it('that is not there is named as the one that is missing', async () => {
    const transport = open({ proxyUrl: 'http://127.0.0.1:1' });
    for (const origin of ['https://store.example', 'http://store.example']) {
      await expect(transport.send(get(origin), ctx)).rejects.toMatchObject({
        code: 'unavailable',
        requestSent: false,
        message: 'No connection to proxy 127.0.0.1:1: nothing listens there (ECONNREFUSED).',
      });
    }
  });

  it('that never answers ends in a timeout', async () => {
    const { startRaw } = await import('./servers.js');
    const silent = await startRaw(() => undefined);
    const transport = open({ proxyUrl: silent.origin, connectTimeoutMs: 200 });
    await expect(transport.send(get('https://store.example'), ctx)).rejects.toMatchObject({
      code: 'timeout',
      message: `No connection to store.example:443 through proxy 127.0.0.1:${silent.port} within 200 ms.`,
    });
    await expect.poll(() => silent.sockets[0]!.destroyed).toBe(true);
  });

  it.each(['socks5://127.0.0.1:1080', 'http://', '::'])('of the form %s is refused', (proxyUrl) => {
    expect(() => open({ proxyUrl })).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });
});

describe('the environment', () => {
  const https = parseOrigin('https://store.example');
  const http = parseOrigin('http://store.example');
  const chosen = (env: Record<string, string>, origin = https, proxyUrl?: string): string | undefined =>
    chooseProxy(proxyUrl, env)(origin)?.origin.label;

  it('names proxies by scheme, in lower case first', () => {
    const env = { HTTPS_PROXY: 'http://upper:1', https_proxy: 'lower:2', HTTP_PROXY: 'http://plain:3' };
    expect(chosen(env)).toBe('lower:2');
    expect(chosen(env, http)).toBe('plain:3');
    expect(chosen({ ALL_PROXY: 'http://all' })).toBe('all:80');
    expect(chosen({})).toBeUndefined();
    expect(chosen({ https_proxy: '' })).toBeUndefined();
  });

  it('is overruled by the option, also by an empty one', () => {
    const env = { https_proxy: 'http://env:1', no_proxy: '*' };
    expect(chosen(env, https, 'http://option:2')).toBe('option:2');
    expect(chosen({ https_proxy: 'http://env:1' }, https, '')).toBeUndefined();
  });

  it('of a CGI program names no proxy by HTTP_PROXY, which a visitor can set', () => {
    expect(chosen({ HTTP_PROXY: 'http://evil:1', REQUEST_METHOD: 'GET' }, http)).toBeUndefined();
    expect(chosen({ http_proxy: 'http://good:1', REQUEST_METHOD: 'GET' }, http)).toBe('good:1');
  });

  it('with a proxy that cannot be used hurts only who would use it', async () => {
    const server = await startHttp((_request, response) => response.end('ok'));
    const transport = open({ env: { HTTPS_PROXY: 'socks5://127.0.0.1:1', NO_PROXY: 'exempt.example' } });
    expect((await transport.send(get(server.origin), ctx)).status).toBe(200);
    await expect(transport.send(get('https://store.example'), ctx)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('HTTPS_PROXY'),
    });
  });
});

describe('NO_PROXY', () => {
  it.each([
    ['*', 'https://store.example', true],
    ['store.example', 'https://store.example', true],
    ['store.example', 'https://a.store.example', true],
    ['store.example', 'https://mystore.example', false],
    ['.store.example', 'https://a.store.example', true],
    ['.store.example', 'https://store.example', true],
    ['*.store.example', 'https://a.store.example', true],
    ['STORE.example', 'https://store.EXAMPLE', true],
    ['store.example:443', 'https://store.example', true],
    ['store.example:8443', 'https://store.example', false],
    ['store.example:8443', 'https://store.example:8443', true],
    ['other, store.example', 'https://store.example', true],
    ['other store.example', 'https://store.example', true],
    ['example', 'https://store.example', true],
    ['10.0.0.0/8', 'http://10.1.2.3:9000', true],
    ['10.0.0.0/8', 'http://11.1.2.3:9000', false],
    ['10.1.2.3', 'http://10.1.2.3', true],
    ['10.1.2.3:9000', 'http://10.1.2.3:9000', true],
    ['10.1.2.3:9000', 'http://10.1.2.3', false],
    ['2.3', 'http://10.1.2.3', false],
    ['fd00::/8', 'http://[fd00::1]', true],
    ['::1', 'http://[::1]:9000', true],
    ['[::1]', 'http://[::1]:9000', true],
    ['[::1]:9000', 'http://[::1]:9000', true],
    ['10.0.0.0/99', 'http://10.1.2.3', false],
    ['', 'https://store.example', false],
    [',', 'https://store.example', false],
  ])('%s, for %s: %s', (text, origin, expected) => {
    expect(parseNoProxy(text)(parseOrigin(origin))).toBe(expected);
  });
});
