import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost } from '@stowage/core/spi';
import { testDriver } from '@stowage/testkit';
import { createRequestHandler, driver } from '../src/index.js';

const root = mkdtempSync(join(tmpdir(), 'stowage-local-'));
const baseUrl = 'http://files.localhost/media';
const local = driver.create({ root, baseUrl, urlSecret: 'a secret of enough letters', fsync: false }, createHost());
const server = createServer(createRequestHandler(local));
const listening = new Promise<number>((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
});

testDriver({
  name: 'local',
  create: () => local,
  close: () => {
    server.close();
    rmSync(root, { recursive: true });
  },
  fetch: async (url, init) => fetch(url.replace('http://files.localhost', `http://127.0.0.1:${await listening}`), init),
  secrets: ['a secret of enough letters'],
});
