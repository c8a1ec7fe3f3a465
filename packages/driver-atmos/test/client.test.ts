import { openStorage } from '@stowage/core';
import { isStorageError } from '@stowage/core/spi';
import { bytesBody } from '@stowage/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { driver as module } from '../src/index.js';
import type { AtmosOptions } from '../src/options.js';
import { ctx, type Lab, startLab } from './lab.js';

async function lab(...args: Parameters<typeof startLab>): Promise<Lab> {
  const started = await startLab(...args);
  onTestFinished(() => started.close());
  return started;
}

it.each([-40, 40])("goes by the server's clock when it is %d minutes off, and says so once", async (minutes) => {
  const { emulator, warnings, open } = await lab({}, { nowMs: () => Date.now() + minutes * 60_000 });
  const driver = open();
  const error = await driver.createContainer('box', {}, ctx).catch((refusal: unknown) => refusal);
  expect(error).toMatchObject({ code: 'unavailable', mended: true, retryable: true });
  await driver.createContainer('box', {}, { attempt: 2 });
  await driver.put({ container: 'box', key: 'k' }, bytesBody('x'), {}, ctx);
  expect(emulator.requests).toHaveLength(3);
  expect(warnings).toEqual([expect.stringContaining(`40 minutes ${minutes < 0 ? 'ahead of' : 'behind'}`)]);
});

it('learns the time from a HEAD that was refused without a word', async () => {
  const { driver } = await lab({}, { nowMs: () => Date.now() - 3_600_000 });
  const ref = { container: 'box', key: 'k' };
  await expect(driver.stat(ref, {}, ctx)).rejects.toMatchObject({ code: 'unavailable', mended: true });
  await expect(driver.stat(ref, {}, { attempt: 2 })).rejects.toMatchObject({ code: 'object-not-found' });
});

it('retries by itself through the portable API', async () => {
  const { emulator } = await lab({}, { nowMs: () => Date.now() + 3_600_000 });
  const { uid: user, secret: key } = emulator.account;
  const host = { warn: () => undefined };
  const storage = openStorage(module, { endpoint: emulator.endpoint, user, key }, { host });
  await storage.createContainer('box');
  expect(await storage.containerExists('box')).toBe(true);
  await storage.close();
});

it.each([
  [1040, 500, 'rate-limited', true],
  [1001, 500, 'unavailable', true],
  [1006, 409, 'unavailable', true],
  [1015, 403, 'permission-denied', false],
  [2003, 403, 'permission-denied', false],
  [1014, 400, 'invalid-argument', false],
  [1052, 400, 'unsupported', false],
] as const)('tells code %d as %s', async (code, status, expected, retryable) => {
  const { driver, emulator } = await lab();
  emulator.faults.add({ fault: { kind: 'status', status, code: String(code) } });
  const error: unknown = await driver.createContainer('box', {}, ctx).catch((refusal: unknown) => refusal);
  expect(isStorageError(error) && [error.code, error.retryable, error.providerCode]).toEqual([
    expected,
    retryable,
    String(code),
  ]);
});

it.each<[Partial<AtmosOptions>, RegExp]>([
  [{ key: 'not base64!' }, /base64/],
  [{ service: 'other' }, /"service"/],
  [{ checksum: 'crc32' }, /"checksum"/],
  [{ endpoint: 'http://a', host: 'b' }, /"endpoint" and "host"/],
  [{ path: '/a b' }, /"path"/],
])('refuses %o before any request, and shows no secret', async (options, message) => {
  const { open } = await lab();
  let error: unknown;
  try {
    open(options);
  } catch (refusal) {
    error = refusal;
  }
  expect(error).toMatchObject({ code: 'invalid-argument', message: expect.stringMatching(message) as string });
  expect(String(error)).not.toContain('not base64');
});

it.each(['', '/', '/rest', '/rest/'])('takes an endpoint that ends in "%s"', async (end) => {
  const { open, emulator } = await lab({}, { prefix: '/storage/v1.0' });
  await open({ endpoint: emulator.endpoint + end }).createContainer('box', {}, ctx);
});
