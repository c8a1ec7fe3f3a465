import type { Storage } from '@google-cloud/storage';
import type { StorageDriver } from '@stowage/core/spi';
import { bytesBody } from '@stowage/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { credentialsOf, ctx, type Lab, type Mode, startLab } from './lab.js';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const container = 'bucket-1';
const ref = { container, key: 'k' };
const content = Buffer.from('content');

async function open(mode: Mode): Promise<Lab> {
  lab = await startLab(mode);
  await lab.driver.createContainer(container, {}, ctx);
  const account = lab.openWith({ credentials: { ...lab.emulator.keyFile() } });
  await ((await account.sdk!()) as Storage).bucket(container).enableRequesterPays();
  return lab;
}

async function upload(driver: StorageDriver, key: string): Promise<void> {
  const begun = await driver.parts!.begin({ container, key }, {}, ctx);
  const part = await driver.parts!.put(begun, { number: 1, offset: 0, last: true }, bytesBody(content), ctx);
  await driver.parts!.complete(begun, [part], {}, ctx);
}

const send = async (url: string, method: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(url, { method, headers, ...(method === 'PUT' && { body: content }) });

describe.each<Mode>(['hmac', 'oauth'])('a bucket whose requesters pay, by %s', (mode) => {
  it('is refused to who names no project, with what to do', async () => {
    const { driver } = await open(mode);
    await expect(driver.put(ref, bytesBody(content), {}, ctx)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('"userProject"') as string,
    });
  });

  it('takes every call of a driver that names one', async () => {
    const { emulator, openWith } = await open(mode);
    const own = { ...credentialsOf(emulator, mode), userProject: 'mine' };
    const driver = openWith(own);
    await driver.put(ref, bytesBody(content), {}, ctx);
    await driver.stat(ref, {}, ctx);
    expect((await driver.read(ref, { want: 'bytes' }, ctx)).bytes).toEqual(content);
    await driver.copy!.copy(ref, { container, key: 'copy' }, {}, ctx);
    await driver.metadata?.update(ref, { metadata: { a: 'b' } }, ctx);
    await driver.gcs.compose({ container, key: 'composed' }, [{ key: 'k' }, { key: 'copy' }]);
    await upload(driver, 'parts');
    await upload(openWith({ ...own, uploads: 'session' }), 'session');
    const { objects } = await driver.list(container, {}, ctx);
    expect(objects.map(({ key }) => key)).toEqual(['composed', 'copy', 'k', 'parts', 'session']);
    const others = objects.filter(({ key }) => key !== 'k').map(({ key }) => ({ container, key }));
    const deleted = await driver.bulkDelete!.delete(others, {}, ctx);
    expect(deleted.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
    await driver.versions!.list(container, {}, ctx);
    await driver.delete(ref, {}, ctx);
  });

  it('takes the addresses that such a driver signs', async () => {
    const { emulator, openWith } = await open(mode);
    const driver = openWith({ ...credentialsOf(emulator, mode), userProject: 'mine' });
    const expiresInSeconds = 60;
    for (const method of ['PUT', 'GET', 'HEAD', 'DELETE'] as const) {
      const { url, headers } = await driver.urls!.sign(ref, { method, expiresInSeconds }, ctx);
      expect((await send(url, method, headers)).ok, method).toBe(true);
    }
    const begun = await driver.parts!.begin(ref, {}, ctx);
    const part = await driver.urls!.signPart!(begun, { number: 1, expiresInSeconds }, ctx);
    expect((await send(part.url, 'PUT', part.headers)).ok).toBe(true);
    const start = await driver.gcs.signUploadStart(ref, { expiresInSeconds });
    expect((await send(start.url, 'POST', start.headers)).status).toBe(201);
  });

  it('takes one call that names a project of its own', async () => {
    const { driver } = await open(mode);
    const provider = { userProject: 'mine' };
    await driver.put(ref, bytesBody(content), { provider }, ctx);
    await driver.read(ref, { want: 'bytes', provider }, ctx);
    await driver.copy!.copy(ref, { container, key: 'copy' }, { provider }, ctx);
    await driver.delete(ref, { provider }, ctx);
  });
});
