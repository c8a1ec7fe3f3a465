import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { createHost, type DriverHost } from '@stowage/core/spi';
import { generate } from 'selfsigned';
import { onTestFinished } from 'vitest';
import { createTransport, type Transport, type TransportOptions, type WireRequest } from '../../src/index.js';

/** A server of one test, and what it saw. */
export interface TestServer {
  readonly port: number;
  readonly origin: string;
  /** Connections that were accepted. */
  readonly sockets: Socket[];
}

async function listen(server: Server, scheme: string): Promise<TestServer> {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port, origin: `${scheme}://127.0.0.1:${port}`, sockets };
}

export function startHttp(listener: RequestListener): Promise<TestServer> {
  return listen(createServer(listener), 'http');
}

export function startTls(options: TlsOptions, listener: RequestListener): Promise<TestServer> {
  return listen(createTlsServer(options, listener), 'https');
}

/** Answers each request head with whatever `answer` writes to the socket. */
export function startRaw(answer: (socket: Socket, head: string) => void): Promise<TestServer> {
  const server = createRawServer((socket) => {
    let seen = '';
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
      for (let end = seen.indexOf('\r\n\r\n'); end !== -1; end = seen.indexOf('\r\n\r\n')) {
        const head = seen.slice(0, end);
        seen = seen.slice(end + 4);
        answer(socket, head);
      }
    });
  });
  return listen(server, 'http');
}

/** A transport of one test. No proxy of the machine gets in its way. */
export function open(options: TransportOptions = {}, overrides: Partial<DriverHost> = {}): Transport {
  const transport = createTransport(createHost(overrides), { env: {}, ...options });
  onTestFinished(() => transport.close());
  return transport;
}

export function get(origin: string, more: Partial<WireRequest> = {}): WireRequest {
  return { method: 'GET', origin, path: '/', headers: [], want: 'bytes', ...more };
}

export const ctx = { attempt: 1 };

/** A CA and what it signed. */
export interface TestAuthority {
  readonly cert: string;
  sign(
    name: string,
    options?: { passphrase?: string; notAfterDate?: Date; notBeforeDate?: Date },
  ): Promise<{ cert: string; key: string }>;
}

export async function createAuthority(name: string): Promise<TestAuthority> {
  const ca = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return {
    cert: ca.cert,
    async sign(host, options = {}) {
      const isAddress = /^[\d.]+$/.test(host);
      const signed = await generate([{ name: 'commonName', value: host }], {
        keyType: 'ec',
        algorithm: 'sha256',
        ca: { key: ca.private, cert: ca.cert },
        extensions: [
          { name: 'subjectAltName', altNames: [isAddress ? { type: 7, ip: host } : { type: 2, value: host }] },
        ],
        ...options,
      });
      return { cert: signed.cert, key: signed.private };
    },
  };
}
