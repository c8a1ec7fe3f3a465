import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describeLive, installed, launchStunnel, launchTinyproxy } from '@stowage/test-servers';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createAuthority, ctx, get, open, startHttp, startTls, type TestAuthority } from './servers.js';

let authority: TestAuthority;
let caFolder: string;

beforeAll(async () => {
  authority = await createAuthority('Live CA');
  caFolder = mkdtempSync(join(tmpdir(), 'stowage-live-ca-'));
  writeFileSync(join(caFolder, 'ca.pem'), authority.cert);
});
afterAll(() => rmSync(caFolder, { recursive: true }));

function trusting() {
  return { network: { caCertsPath: [caFolder], verifyTls: true } };
}

describeLive('tinyproxy with a password', installed('tinyproxy-bin', 'tinyproxy'), () => {
  let proxy: Awaited<ReturnType<typeof launchTinyproxy>>;
  beforeAll(async () => {
    proxy = await launchTinyproxy('stowage', 'open-sesame');
  });
  afterAll(() => proxy.stop());

  it('lets plain and TLS requests through, with bodies both ways', async () => {
    const answer = Buffer.alloc(3_000_000, 'x');
    const seen: string[] = [];
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      seen.push(JSON.stringify(request.headers));
      void buffer(request).then((body) => response.end(body.length > 0 ? String(body.length) : answer));
    };
    const plain = await startHttp(listener);
    const secure = await startTls(await authority.sign('127.0.0.1'), listener);
    const transport = open({ proxyUrl: proxy.facts.url }, trusting());
    for (const { origin } of [plain, secure]) {
      expect((await transport.send(get(origin), ctx)).bytes.equals(answer)).toBe(true);
      const body = Buffer.alloc(2_000_000);
      expect((await transport.send(get(origin, { method: 'PUT', body }), ctx)).bytes.toString()).toBe('2000000');
    }
    expect(seen.join()).not.toContain('proxy-authorization');
  });

  it('refuses a wrong password, and the error says what to do', async () => {
    const server = await startTls(await authority.sign('127.0.0.1'), (_request, response) => response.end());
    const wrong = proxy.facts.url.replace('open-sesame', 'S3CR3T');
    await expect(open({ proxyUrl: wrong }, trusting()).send(get(server.origin), ctx)).rejects.toMatchObject({
      code: 'unauthenticated',
      requestSent: false,
      message: expect.stringMatching(/^(?!.*S3CR3T).*user and password/),
    });
  });
});

describeLive('stunnel that insists on a client certificate', installed('stunnel4', 'stunnel4'), () => {
  let stunnel: Awaited<ReturnType<typeof launchStunnel>>;
  const server = createServer((_request, response) => response.end('ok'));
  let origin: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    stunnel = await launchStunnel({
      targetPort: port,
      ...(await authority.sign('127.0.0.1')),
      clientCa: authority.cert,
    });
    origin = `https://127.0.0.1:${stunnel.facts.port}`;
  });
  afterAll(async () => {
    await stunnel.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('takes ours', async () => {
    const { cert, key } = await authority.sign('client');
    const transport = open({ clientCert: cert, clientKey: key }, trusting());
    expect((await transport.send(get(origin), ctx)).bytes.toString()).toBe('ok');
  });

  it.each(['no', 'a foreign'])('refuses %s certificate, and the error asks for the right one', async (which) => {
    const foreign = await (await createAuthority('Foreign CA')).sign('client');
    const options = which === 'no' ? {} : { clientCert: foreign.cert, clientKey: foreign.key };
    await expect(open(options, trusting()).send(get(origin), ctx)).rejects.toMatchObject({
      code: 'unauthenticated',
      retryable: false,
      message: expect.stringContaining('"clientCert" and "clientKey"'),
    });
  });

  it('is refused itself where its CA is not trusted', async () => {
    const { cert, key } = await authority.sign('client');
    await expect(open({ clientCert: cert, clientKey: key }).send(get(origin), ctx)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('CA_CERTS_PATH'),
    });
  });

  it('is reached with its CA from NODE_EXTRA_CA_CERTS beside CA_CERTS_PATH', async () => {
    const { execFile } = await import('node:child_process');
    const { promisify } = await import('node:util');
    const { cert, key } = await authority.sign('client');
    const folder = mkdtempSync(join(tmpdir(), 'stowage-extra-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const other = await createAuthority('Other CA');
    writeFileSync(join(folder, 'other.pem'), other.cert);
    writeFileSync(join(folder, 'client.pem'), `${cert}\n${key}`);
    const entry = new URL('../../dist/index.js', import.meta.url).href;
    const program = `
      const { createTransport } = await import(${JSON.stringify(entry)});
      const network = { caCertsPath: [${JSON.stringify(join(folder, 'other.pem'))}], verifyTls: true };
      const host = { nowMs: Date.now, warn() {}, network };
      const file = ${JSON.stringify(join(folder, 'client.pem'))};
      const transport = createTransport(host, { clientCert: file, clientKey: file, env: { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS } });
      const request = { method: 'GET', origin: ${JSON.stringify(origin)}, path: '/', headers: [], want: 'bytes' };
      console.log((await transport.send(request, { attempt: 1 })).bytes.toString());
      await transport.close();`;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(caFolder, 'ca.pem') };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env });
    expect(stdout.trim()).toBe('ok');
  });
});
