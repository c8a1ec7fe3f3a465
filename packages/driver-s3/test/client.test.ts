import { createHost, isStorageError, type StorageDriver } from '@stowage/core/spi';
import { bytesBody } from '@stowage/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChainKeys } from '../src/credentials.js';
import { createS3Driver } from '../src/driver.js';
import { ctx, type Lab, startLab } from './lab.js';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

/** Calls as core does: again as long as the error says so. Gives the number of attempts. */
async function attempts(call: () => Promise<unknown>): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      await call();
      return attempt;
    } catch (error) {
      if (!isStorageError(error) || !error.mended || attempt === 4) throw error;
    }
  }
}

async function withBucket(
  options: Parameters<typeof startLab>[0],
  server: Parameters<typeof startLab>[1],
): Promise<StorageDriver> {
  lab = await startLab(options, server);
  lab.emulator.store.buckets.clear();
  const { emulator } = lab;
  const own = lab.open({
    region: emulator.region,
    locationConstraint: emulator.region === 'us-east-1' ? '' : emulator.region,
  });
  await own.createContainer('bucket-1', {}, ctx);
  await own.put({ container: 'bucket-1', key: 'k' }, bytesBody('x'), {}, ctx);
  return lab.driver;
}

describe('a bucket of another region', () => {
  it('is found by the second attempt, and then by the first', async () => {
    const driver = await withBucket({ service: 'aws' }, { region: 'eu-west-3' });
    const read = (): Promise<unknown> => driver.read({ container: 'bucket-1', key: 'k' }, { want: 'bytes' }, ctx);
    expect(await attempts(read)).toBe(2);
    expect(await attempts(read)).toBe(1);
  });

  it('is found by HEAD too, whose answer has no body', async () => {
    const driver = await withBucket({ service: 'aws' }, { region: 'eu-west-3' });
    expect(await attempts(() => driver.stat({ container: 'bucket-1', key: 'k' }, {}, ctx))).toBe(2);
  });

  it('says which region it is in', async () => {
    const driver = await withBucket({ service: 'aws' }, { region: 'eu-west-3' });
    const failure = await driver.stat({ container: 'bucket-1', key: 'k' }, {}, ctx).catch((error: unknown) => error);
    expect(String(failure)).toContain('"bucket-1" is in the region eu-west-3');
  });

  it('is not looked for where a server sends it in circles', async () => {
    const driver = await withBucket({ service: 'aws' }, {});
    lab?.emulator.faults.add({ fault: { kind: 'status', status: 301, code: 'PermanentRedirect' } });
    const failure = await driver.stat({ container: 'bucket-1', key: 'k' }, {}, ctx).catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 301, retryable: false });
  });

  it('is signed for in URLs once it is known', async () => {
    const driver = await withBucket({ service: 'aws' }, { region: 'eu-west-3' });
    await attempts(() => driver.statContainer('bucket-1', ctx));
    const request = { method: 'GET', expiresInSeconds: 60 } as const;
    const signed = await driver.urls?.sign({ container: 'bucket-1', key: 'k' }, request, ctx);
    expect(await (await fetch(signed!.url)).text()).toBe('x');
  });
});

describe('a clock that is wrong', () => {
  const skewed = { nowMs: () => Date.now() - 40 * 60_000 };

  it.each([
    ['get', (driver: StorageDriver) => driver.read({ container: 'bucket-1', key: 'k' }, { want: 'bytes' }, ctx)],
    ['head', (driver: StorageDriver) => driver.stat({ container: 'bucket-1', key: 'k' }, {}, ctx)],
    ['put', (driver: StorageDriver) => driver.put({ container: 'bucket-1', key: 'k2' }, bytesBody('y'), {}, ctx)],
  ] as const)('is corrected from the answer, once for all calls: %s', async (_, call) => {
    await withBucket({}, {});
    const driver = lab!.open({}, skewed);
    expect(await attempts(() => call(driver))).toBe(2);
    expect(await attempts(() => call(driver))).toBe(1);
    expect(lab!.warnings).toHaveLength(1);
    expect(lab!.warnings[0]).toContain('40 minutes behind');
  });

  it('does not sign URLs that are expired', async () => {
    await withBucket({}, {});
    const driver = lab!.open({}, skewed);
    await attempts(() => driver.stat({ container: 'bucket-1', key: 'k' }, {}, ctx));
    const request = { method: 'GET', expiresInSeconds: 60 } as const;
    const signed = await driver.urls?.sign({ container: 'bucket-1', key: 'k' }, request, ctx);
    expect((await fetch(signed!.url)).status).toBe(200);
  });

  it('is corrected once only: a service that still disagrees is believed', async () => {
    const driver = await withBucket({}, {});
    lab?.emulator.faults.add({ fault: { kind: 'status', status: 403, code: 'RequestTimeTooSkewed' } });
    const failure = await attempts(() => driver.list('bucket-1', {}, ctx)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unauthenticated', retryable: false });
    expect(String(failure)).toContain('set the clock');
  });

  it('is not suspected when a HEAD is refused for another reason', async () => {
    const driver = await withBucket({}, {});
    lab?.emulator.faults.add({ fault: { kind: 'status', status: 403, code: 'AccessDenied' } });
    const failure = await driver.stat({ container: 'bucket-1', key: 'k' }, {}, ctx).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'permission-denied', retryable: false });
  });
});

describe('keys that expire', () => {
  it('are fetched again when the service says so, and the call goes on', async () => {
    await withBucket({}, {});
    const { accessKey, secretKey } = lab!.emulator.account;
    let fetches = 0;
    const chain = async () => async (): Promise<ChainKeys> => {
      fetches += 1;
      return { accessKeyId: accessKey, secretAccessKey: secretKey };
    };
    const driver = createS3Driver({ endpoint: lab!.emulator.endpoint }, createHost(), { env: {}, loadChain: chain });
    lab!.emulator.faults.add({ fault: { kind: 'status', status: 400, code: 'ExpiredToken' }, times: 1 });
    expect(await attempts(() => driver.list('bucket-1', {}, ctx))).toBe(2);
    expect(fetches).toBe(2);
    await driver.close?.();
  });

  it('and are fixed end the call', async () => {
    const driver = await withBucket({}, {});
    lab!.emulator.faults.add({ fault: { kind: 'status', status: 400, code: 'ExpiredToken' }, times: 1 });
    const failure = await driver.list('bucket-1', {}, ctx).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unauthenticated', retryable: false });
  });
});

describe('an answer that lies about its status', () => {
  it.each([
    ['a listing', (driver: StorageDriver) => driver.list('bucket-1', {}, ctx), 'unavailable'],
    [
      'a copy',
      (driver: StorageDriver) =>
        driver.copy!.copy({ container: 'bucket-1', key: 'k' }, { container: 'bucket-1', key: 'c' }, {}, ctx),
      'unavailable',
    ],
    [
      'the start of an upload',
      (driver: StorageDriver) => driver.parts!.begin({ container: 'bucket-1', key: 'c' }, {}, ctx),
      'unavailable',
    ],
  ] as const)('is the error that its body holds: %s', async (_, call, code) => {
    const driver = await withBucket({ service: 'aws' }, {});
    lab?.emulator.faults.add({ fault: { kind: 'error-in-body', code: 'InternalError' } });
    const failure = await call(driver).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, status: 200, retryable: true, providerCode: 'InternalError' });
  });

  it('is content where an object holds such a document', async () => {
    const driver = await withBucket({}, {});
    const content = '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>';
    await driver.put({ container: 'bucket-1', key: 'error.xml' }, bytesBody(content), {}, ctx);
    const { bytes } = await driver.read({ container: 'bucket-1', key: 'error.xml' }, { want: 'bytes' }, ctx);
    expect(bytes?.toString()).toBe(content);
  });
});
