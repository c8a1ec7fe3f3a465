import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHost, type StorageDriver } from '@stowage/core/spi';
import { onTestFinished } from 'vitest';
import { createOpenStackDriver } from '../src/driver.js';
import type { OpenStackOptions } from '../src/options.js';

export interface Asked {
  readonly method: string;
  /** Below the account, with the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export type Reply = readonly [status: number, body?: string, headers?: Readonly<Record<string, string>>];

export interface ToldServer {
  readonly origin: string;
  /** Every request but logins, as `METHOD path`. */
  readonly asked: Asked[];
  logins(): number;
}

const ACCOUNT = '/v1/AUTH_a';

/** A server that logs in by version 1 with a new token each time, and answers the rest as it is told. */
export async function serve(reply: (asked: Asked) => Reply): Promise<ToldServer> {
  const asked: Asked[] = [];
  let logins = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      if (url === '/auth/v1.0') {
        const storage = `http://${String(headers.host)}${ACCOUNT}`;
        const token = `token-${String(++logins)}`;
        response.writeHead(200, { 'x-storage-url': storage, 'x-auth-token': token }).end();
        return;
      }
      const one = { method, path: url.replace(ACCOUNT, ''), headers, body: Buffer.concat(chunks).toString() };
      asked.push(one);
      const [status, body = '', more = {}] = reply(one);
      response.writeHead(status, more).end(method === 'HEAD' ? undefined : body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { origin, asked, logins: () => logins };
}

/** A driver on a told server; closed when the test ends. */
export function openAt(origin: string, options: OpenStackOptions = {}, warnings: string[] = []): StorageDriver {
  const all = { authUrl: `${origin}/auth/v1.0`, user: 'u', key: 'k', ...options };
  const host = createHost({ warn: (message) => void warnings.push(message) });
  const driver = createOpenStackDriver(all, host, { env: {} });
  onTestFinished(() => driver.close?.());
  return driver;
}

export const lines = (asked: readonly Asked[]): string[] => asked.map(({ method, path }) => `${method} ${path}`);
