import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readLimits } from '../../src/transport/options.js';
import { classifySocketError } from '../../src/transport/socket-errors.js';
import { createAuthority, ctx, get, open, startTls, type TestAuthority, type TestServer } from './servers.js';

let ours: TestAuthority;
let foreign: TestAuthority;

beforeAll(async () => {
  [ours, foreign] = await Promise.all([createAuthority('Our CA'), createAuthority('Foreign CA')]);
});

function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'stowage-ca-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

function trusting(...caCertsPath: string[]) {
  return { network: { caCertsPath, verifyTls: true } };
}

async function startOur(name = '127.0.0.1'): Promise<TestServer> {
  return startTls(await ours.sign(name), (_request, response) => response.end('ok'));
}

describe('a certificate of an authority that is not trusted', () => {
  it('is refused: the error names the host and says how to add a CA', async () => {
    const server = await startOur();
    await expect(open().send(get(server.origin), ctx)).rejects.toMatchObject({
      code: 'unavailable',
      retryable: false,
      requestSent: false,
      message: expect.stringMatching(
        new RegExp(`127\\.0\\.0\\.1:${server.port} is signed by nobody we trust.*CA_CERTS_PATH`),
      ),
    });
  });

  it('is refused although another CA was added', async () => {
    const server = await startOur();
    const path = folder({ 'ca.pem': foreign.cert });
    await expect(open({}, trusting(path)).send(get(server.origin), ctx)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is taken when verification is off, with a loud warning each time that a transport is made', async () => {
    const server = await startOur();
    const warn = vi.fn();
    const host = { network: { caCertsPath: [], verifyTls: false }, warn };
    expect((await open({}, host).send(get(server.origin), ctx)).bytes.toString()).toBe('ok');
    open({}, host);
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('NOT verified')],
      [expect.stringContaining('NOT verified')],
    ]);
  });

  it('is no reason to warn when verification is on', () => {
    const warn = vi.fn();
    open({}, { warn });
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('CA_CERTS_PATH', () => {
  it.each([
    ['a file', (path: string) => join(path, 'ca.pem')],
    ['a bundle of several certificates', (path: string) => join(path, 'bundle.crt')],
    ['a directory with other files in it', (path: string) => path],
  ])('may be %s', async (_what, choose) => {
    const server = await startOur();
    const path = folder({
      'ca.pem': ours.cert,
      'bundle.crt': `# comment\n${foreign.cert}\r\n\nsubject=/CN=x\n${ours.cert}`,
      'README.txt': 'nothing to see',
    });
    const response = await open({}, trusting(choose(path))).send(get(server.origin), ctx);
    expect(response.bytes.toString()).toBe('ok');
  });

  it('adds to the roots of Node and does not replace them', async () => {
    const { defaultCaCertificates } = await import('../../src/transport/ca-certificates.js');
    const extra = join(folder({ 'extra.pem': foreign.cert }), 'extra.pem');
    const trusted = defaultCaCertificates({});
    expect(trusted.length).toBeGreaterThan(50);
    // From Node 22.15 on, Node itself read the variable when the process began.
    if (process.versions.node.startsWith('20.')) {
      expect(defaultCaCertificates({ NODE_EXTRA_CA_CERTS: extra })).toHaveLength(trusted.length + 1);
    }
    expect(defaultCaCertificates({ NODE_EXTRA_CA_CERTS: '/no/such/file' })).toHaveLength(trusted.length);
  });

  it.each([
    ['does not exist', '/no/such/place', /"\/no\/such\/place", which does not exist/],
    ['holds no certificate', undefined, /holds no PEM certificate/],
  ])('that %s is refused when the transport is made', (_what, path, message) => {
    const chosen = path ?? folder({ 'a.txt': 'x' });
    expect(() => open({}, trusting(chosen))).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringMatching(message) }),
    );
  });

  it('with a damaged certificate is refused, naming the file', () => {
    const lines = ours.cert.trim().split('\n');
    const damaged = [lines[0], 'AAAA', ...lines.slice(2)].join('\n');
    const path = join(folder({ 'ca.pem': damaged }), 'ca.pem');
    expect(() => open({}, trusting(path))).toThrow(/ca\.pem", which holds a damaged certificate/);
  });
});

describe('a certificate', () => {
  it('for another host is refused, and told from one that nobody trusts', async () => {
    const server = await startOur('other.example');
    const path = folder({ 'ca.pem': ours.cert });
    await expect(open({}, trusting(path)).send(get(server.origin), ctx)).rejects.toMatchObject({
      code: 'unavailable',
      retryable: false,
      message: expect.stringContaining('is for another host'),
    });
  });

  it('is compared with tlsServerName where that is given', async () => {
    const server = await startOur('store.internal');
    const path = folder({ 'ca.pem': ours.cert });
    const right = open({ tlsServerName: 'store.internal' }, trusting(path));
    expect((await right.send(get(server.origin), ctx)).status).toBe(200);
    const wrong = open({ tlsServerName: 'elsewhere.internal' }, trusting(path));
    await expect(wrong.send(get(server.origin), ctx)).rejects.toMatchObject({
      message: expect.stringContaining('"tlsServerName" asks for elsewhere.internal'),
    });
  });

  it('that has expired is refused with that reason', async () => {
    const expired = await ours.sign('127.0.0.1', {
      notBeforeDate: new Date('2020-01-01'),
      notAfterDate: new Date('2020-02-01'),
    });
    const server = await startTls(expired, (_request, response) => response.end());
    const path = folder({ 'ca.pem': ours.cert });
    await expect(open({}, trusting(path)).send(get(server.origin), ctx)).rejects.toMatchObject({
      message: expect.stringContaining('has expired'),
    });
  });
});

describe('TLS', () => {
  it('below 1.2 is refused', async () => {
    const identity = await ours.sign('127.0.0.1');
    const server = await startTls(
      { ...identity, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
      (_request, response) => response.end(),
    );
    await expect(
      open({}, trusting(folder({ 'ca.pem': ours.cert }))).send(get(server.origin), ctx),
    ).rejects.toMatchObject({
      code: 'unavailable',
      retryable: false,
    });
  });

  it('to a server that speaks none is told so', async () => {
    const { startHttp } = await import('./servers.js');
    const server = await startHttp((_request, response) => response.end());
    await expect(open().send(get(server.origin.replace('http:', 'https:')), ctx)).rejects.toMatchObject({
      code: 'unavailable',
      retryable: false,
      message: expect.stringContaining('does not speak TLS'),
    });
  });

  it('takes up its session again on a second connection', async () => {
    const reused: boolean[] = [];
    const identity = await ours.sign('127.0.0.1');
    const server = await startTls(identity, (request, response) => {
      if (request.socket instanceof TLSSocket) reused.push(request.socket.isSessionReused());
      response.writeHead(200, { connection: 'close' }).end();
    });
    const transport = open({}, trusting(folder({ 'ca.pem': ours.cert })));
    await transport.send(get(server.origin), ctx);
    await transport.send(get(server.origin), ctx);
    expect(reused).toEqual([false, true]);
  });
});

describe('a client certificate', () => {
  async function startStrict(): Promise<TestServer> {
    const identity = await ours.sign('127.0.0.1');
    const options = { ...identity, ca: ours.cert, requestCert: true, rejectUnauthorized: true };
    return startTls(options, (request, response) => {
      const name = request.socket instanceof TLSSocket ? request.socket.getPeerCertificate().subject.CN : '';
      response.end(name);
    });
  }

  it('is shown to a server that asks, from text or from files', async () => {
    const server = await startStrict();
    const client = await ours.sign('client-1');
    const path = folder({ 'ca.pem': ours.cert, 'client.pem': client.cert, 'client.key': client.key });
    const host = trusting(join(path, 'ca.pem'));
    const fromText = open({ clientCert: client.cert, clientKey: client.key }, host);
    expect((await fromText.send(get(server.origin), ctx)).bytes.toString()).toBe('client-1');
    const fromFiles = open({ clientCert: join(path, 'client.pem'), clientKey: join(path, 'client.key') }, host);
    expect((await fromFiles.send(get(server.origin), ctx)).bytes.toString()).toBe('client-1');
  });

  it('may have a key with a passphrase', async () => {
    const server = await startStrict();
    const { cert, key } = await ours.sign('client-2', { passphrase: 'open sesame' });
    const host = trusting(folder({ 'ca.pem': ours.cert }));
    const transport = open({ clientCert: cert, clientKey: key, clientKeyPassphrase: 'open sesame' }, host);
    expect((await transport.send(get(server.origin), ctx)).bytes.toString()).toBe('client-2');
    expect(() => open({ clientCert: cert, clientKey: key, clientKeyPassphrase: 'S3CR3T' }, host)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.not.stringContaining('S3CR3T') }),
    );
  });

  // Node's own server closes without a word; others send the alert of TLS: see proxies-and-tls.live.test.ts.
  it('that is missing is asked for by the error', () => {
    const alert = Object.assign(new Error('tlsv13 alert certificate required'), {
      code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    });
    const facts = {
      method: 'GET',
      label: 'store.example:443',
      wasSent: true,
      bodyWasSent: true,
      wasAnswered: false,
      headersTimeoutMs: 1,
    };
    expect(classifySocketError(alert, facts, readLimits({}))).toMatchObject({
      code: 'unauthenticated',
      retryable: false,
      message: expect.stringContaining('"clientCert" and "clientKey"'),
    });
  });

  it.each([
    ['without its key', { clientCert: '-----BEGIN CERTIFICATE-----' }, /give both or neither/],
    [
      'whose file is missing',
      { clientCert: '/no/such.pem', clientKey: '/no/such.key' },
      /"clientCert" is neither PEM text nor the path/,
    ],
  ])('%s is refused when the transport is made', (_what, options, message) => {
    expect(() => open(options)).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringMatching(message) }),
    );
  });

  it('that does not belong to its key is refused when the transport is made', async () => {
    const [one, other] = [await ours.sign('one'), await ours.sign('other')];
    expect(() => open({ clientCert: one.cert, clientKey: other.key })).toThrow(/belong together/);
  });
});
