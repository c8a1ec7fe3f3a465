import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHost, type StorageDriver } from '@stowage/core/spi';
import { onTestFinished } from 'vitest';
import { createS3Driver } from '../src/driver.js';
import type { S3Options } from '../src/options.js';

export type Reply = readonly [status: number, body: string, headers?: Readonly<Record<string, string>>];

/** A server that answers as it is told. */
export async function serve(reply: (request: IncomingMessage, body: string) => Reply): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [status, body, headers = {}] = reply(request, Buffer.concat(chunks).toString());
      response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** A driver on any address; closed when the test ends. */
export function openAt(endpoint: string, options: S3Options = {}): StorageDriver {
  const driver = createS3Driver({ endpoint, user: 'AKID', key: 'secret', ...options }, createHost());
  onTestFinished(() => driver.close?.());
  return driver;
}
