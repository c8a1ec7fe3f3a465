import { bytesBody } from '@stowage/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { ctx, type Lab, type Mode, startLab } from './lab.js';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const container = 'bucket-1';
const content = Buffer.from('content');
const expiresInSeconds = 60;

async function open(...args: Parameters<typeof startLab>): Promise<Lab> {
  lab = await startLab(...args);
  await lab.driver.createContainer(container, {}, ctx);
  return lab;
}

describe.each<Mode>(['hmac', 'oauth'])('addresses, by %s', (mode) => {
  it('let anyone begin a resumable upload, of the type that was told, and go on with it', async () => {
    const { driver } = await open(mode);
    const ref = { container, key: 'begun by another' };
    const start = await driver.gcs.signUploadStart(ref, { expiresInSeconds, contentType: 'text/x' });
    const begun = await fetch(start.url, { method: start.method, headers: start.headers });
    expect(begun.status).toBe(201);
    const session = begun.headers.get('location') ?? '';
    expect((await fetch(session, { method: 'PUT', body: content })).status).toBe(200);
    const { bytes, record } = await driver.read(ref, { want: 'bytes' }, ctx);
    expect([bytes, record.contentType]).toEqual([content, 'text/x']);
    const other = await fetch(start.url, { method: 'POST', headers: { ...start.headers, 'content-type': 'text/y' } });
    expect(other.status).toBe(403);
  });

  it('are told escaped where they are public', async () => {
    const { driver } = await open(mode);
    const key = "a b/é+%41?#&'()😀//x";
    await driver.put({ container, key }, bytesBody(content), { acl: 'public-read' }, ctx);
    const url = driver.urls!.publicUrl!({ container, key });
    expect(url).toMatch(/\/bucket-1\/a%20b\/%C3%A9%2B%2541%3F%23%26%27%28%29%F0%9F%98%80\/\/x$/);
    expect(Buffer.from(await (await fetch(url)).arrayBuffer())).toEqual(content);
  });

  it('name one version where one is asked for', async () => {
    const { driver } = await open(mode);
    const key = 'versioned';
    await driver.versions!.setEnabled(container, true, ctx);
    const { record } = await driver.put({ container, key }, bytesBody('first'), {}, ctx);
    await driver.put({ container, key }, bytesBody('second'), {}, ctx);
    const ref = { container, key, versionId: record.versionId! };
    const { url } = await driver.urls!.sign(ref, { method: 'GET', expiresInSeconds }, ctx);
    expect(await (await fetch(url)).text()).toBe('first');
  });

  it('write with the key of the customer, which is never part of the address', async () => {
    const customerKey = Buffer.alloc(32, 9).toString('base64');
    const { driver } = await open(mode, { customerKey });
    const ref = { container, key: 'encrypted' };
    const put = await driver.urls!.sign(ref, { method: 'PUT', expiresInSeconds }, ctx);
    expect(decodeURIComponent(put.url)).not.toContain(customerKey);
    expect((await fetch(put.url, { method: 'PUT', headers: put.headers, body: content })).status).toBe(200);
    expect((await driver.read(ref, { want: 'bytes' }, ctx)).bytes).toEqual(content);
  });
});
