import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { cuttingProxy, seededBytes } from '@stowage/testkit';
import { expect, it, onTestFinished } from 'vitest';

const content = seededBytes(300_000);

async function openProxy() {
  const server = createServer((_request, response) => response.end(content)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await cuttingProxy({ port: (server.address() as AddressInfo).port });
  onTestFinished(async () => {
    await proxy.close();
    server.close();
  });
  return proxy;
}

/** Reads all that comes; tells whether it came to its end. */
async function read(port: number): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response.body!) chunks.push(chunk as Uint8Array);
    return { bytes: Buffer.concat(chunks), isWhole: true };
  } catch {
    return { bytes: Buffer.concat(chunks), isWhole: false };
  }
}

it('passes bodies on, cuts the next one in its middle, and only that', async () => {
  const proxy = await openProxy();
  const { port } = proxy;
  expect(await read(port)).toEqual({ bytes: content, isWhole: true });
  proxy.cutNext();
  const { bytes, isWhole } = await read(port);
  expect(isWhole).toBe(false);
  expect(bytes.length).toBeGreaterThan(0);
  expect(bytes.length).toBeLessThan(100_000);
  expect(bytes).toEqual(content.subarray(0, bytes.length));
  expect(await read(port)).toEqual({ bytes: content, isWhole: true });
});

it('breaks what is connected when it is closed', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const proxy = await cuttingProxy({ port: (server.address() as AddressInfo).port });
  const asked = once(server, 'request');
  const answer = fetch(`http://127.0.0.1:${proxy.port}/`).catch((error: unknown) => error);
  await asked;
  await proxy.close();
  expect(await answer).toBeInstanceOf(TypeError);
});
