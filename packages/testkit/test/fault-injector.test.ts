import { createMemoryDriver } from '@stowage/core/memory';
import { StorageError, type StorageDriver } from '@stowage/core/spi';
import { bytesBody, faultInjector, seededBytes, streamBody } from '@stowage/testkit';
import { beforeEach, describe, expect, it } from 'vitest';

const ctx = { attempt: 1 } as const;
const ref = { container: 'box', key: 'key' };
const content = seededBytes(200_000);

let memory: StorageDriver;

beforeEach(async () => {
  memory = createMemoryDriver();
  await memory.createContainer('box', {}, ctx);
  await memory.put(ref, bytesBody(content), {}, ctx);
});

async function readStream(driver: StorageDriver): Promise<Buffer> {
  const { stream } = await driver.read(ref, { want: 'stream' }, ctx);
  const chunks: Buffer[] = [];
  for await (const chunk of stream!) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('faultInjector', () => {
  it('leaves calls alone for which nothing is planned', async () => {
    const { driver, injected } = faultInjector(memory, [{ on: 'delete', fault: { kind: 'fail' } }]);
    expect(await readStream(driver)).toEqual(content);
    expect(driver.capabilities).toBe(memory.capabilities);
    expect(injected()).toEqual([]);
  });

  it('fails the planned calls only, without calling the driver, and notes them', async () => {
    const { driver, injected } = faultInjector(memory, [{ on: 'delete', from: 2, times: 2, fault: { kind: 'fail' } }]);
    const other = { ...ref, key: 'other' };
    await driver.delete(other, {}, ctx);
    await expect(driver.delete(ref, {}, ctx)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(driver.delete(ref, {}, ctx)).rejects.toMatchObject({ code: 'unavailable' });
    expect((await memory.stat(ref, {}, ctx)).size).toBe(content.length);
    await expect(driver.delete(ref, {}, ctx)).resolves.toMatchObject({ existed: true });
    expect(injected()).toEqual(['fail delete 2', 'fail delete 3']);
  });

  it('fails with the error that is given', async () => {
    const error = new StorageError('rate-limited', 'Slow down.', { retryAfterMs: 5 });
    const { driver } = faultInjector(memory, [{ on: 'list', fault: { kind: 'fail', error } }]);
    await expect(driver.list('box', {}, ctx)).rejects.toBe(error);
  });

  it('loses the answer to a call that was carried out', async () => {
    const { driver } = faultInjector(memory, [{ on: 'delete', fault: { kind: 'lose-response' } }]);
    await expect(driver.delete(ref, {}, ctx)).rejects.toMatchObject({ code: 'unavailable', requestSent: true });
    await expect(memory.stat(ref, {}, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
  });

  it('ends a body early, as if it were whole', async () => {
    const plan = [{ on: 'read', times: 2, fault: { kind: 'truncate', afterBytes: 70_000 } }] as const;
    const { driver } = faultInjector(memory, plan);
    expect(await readStream(driver)).toEqual(content.subarray(0, 70_000));
    expect((await driver.read(ref, { want: 'bytes' }, ctx)).bytes).toEqual(content.subarray(0, 70_000));
    expect(await readStream(driver)).toEqual(content);
  });

  it('breaks a body in the middle', async () => {
    const { driver } = faultInjector(memory, [{ on: 'read', fault: { kind: 'reset', afterBytes: 70_000 } }]);
    await expect(readStream(driver)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('inverts one byte of a body', async () => {
    const { driver } = faultInjector(memory, [{ on: 'read', fault: { kind: 'corrupt', atByte: 150_000 } }]);
    const expected = Buffer.from(content);
    expected[150_000] = ~content[150_000]! & 0xff;
    expect(await readStream(driver)).toEqual(expected);
  });

  it.each([
    ['bytes', bytesBody(content)],
    ['stream', streamBody(content)],
  ])('damages the body that a put sends (%s)', async (_kind, body) => {
    const { driver } = faultInjector(memory, [{ on: 'put', fault: { kind: 'truncate', afterBytes: 1_000 } }]);
    await expect(driver.put(ref, body, {}, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(await readStream(memory)).toEqual(content);
  });

  it('damages the body of a part', async () => {
    const fault = { kind: 'corrupt', atByte: 0 } as const;
    const { driver } = faultInjector(memory, [{ on: 'parts.put', fault }]);
    const upload = await driver.parts!.begin({ ...ref, key: 'parts' }, {}, ctx);
    const part = await driver.parts!.put(upload, { number: 1, offset: 0 }, bytesBody(Buffer.from([1, 2])), ctx);
    await driver.parts!.complete(upload, [part], {}, ctx);
    const { bytes } = await driver.read({ ...ref, key: 'parts' }, { want: 'bytes' }, ctx);
    expect(bytes).toEqual(Buffer.from([254, 2]));
  });

  it('repeats the token of a page', async () => {
    await memory.put({ ...ref, key: 'second' }, bytesBody('x'), {}, ctx);
    const { driver } = faultInjector(memory, [{ on: 'list', from: 2, fault: { kind: 'repeat-token' } }]);
    const { next } = await driver.list('box', { limit: 1 }, ctx);
    expect((await driver.list('box', { limit: 1, token: next }, ctx)).next).toBe(next);
  });

  it('delays a call', async () => {
    const { driver } = faultInjector(memory, [{ on: 'stat', fault: { kind: 'delay', ms: 50 } }]);
    const before = performance.now();
    expect((await driver.stat(ref, {}, ctx)).size).toBe(content.length);
    expect(performance.now() - before).toBeGreaterThan(45);
  });
});
