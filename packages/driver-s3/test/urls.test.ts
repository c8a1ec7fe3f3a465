import { createHost, type StorageDriver } from '@stowage/core/spi';
import { bytesBody } from '@stowage/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createS3Driver } from '../src/driver.js';
import { ctx, type Lab, startLab } from './lab.js';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const ref = { container: 'bucket-1', key: 'k' };

async function open(...args: Parameters<typeof startLab>): Promise<StorageDriver> {
  lab = await startLab(...args);
  await lab.driver.createContainer('bucket-1', {}, ctx);
  return lab.driver;
}

/** The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
describe('the published example of a signed URL', () => {
  it('is signed as published', async () => {
    const host = createHost({ nowMs: () => Date.UTC(2013, 4, 24) });
    const options = {
      user: 'AKIAIOSFODNN7EXAMPLE',
      key: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      host: 's3.amazonaws.com',
    };
    const driver = createS3Driver(options, host, { env: {} });
    const signed = await driver.urls!.sign(
      { container: 'examplebucket', key: 'test.txt' },
      { method: 'GET', expiresInSeconds: 86_400 },
      ctx,
    );
    expect(signed.url).toBe(
      'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
    expect(signed.expiresAtMs).toBe(Date.UTC(2013, 4, 25));
  });
});

describe('a signed URL', () => {
  it('answers with the headers that it was signed with', async () => {
    const driver = await open();
    await driver.put(ref, bytesBody('x'), { contentType: 'text/plain' }, ctx);
    const response = { contentType: 'text/csv', contentDisposition: "attachment; filename*=UTF-8''%C3%A4.csv" };
    const signed = await driver.urls!.sign(ref, { method: 'GET', expiresInSeconds: 60, response }, ctx);
    const answer = await fetch(signed.url);
    expect(answer.headers.get('content-type')).toBe('text/csv');
    expect(answer.headers.get('content-disposition')).toBe(response.contentDisposition);
  });

  it('carries the session token, and no call is needed for it', async () => {
    const account = { accessKey: 'TEMP', secretKey: 'secret', sessionToken: 'token/+=' };
    lab = await startLab({ user: 'TEMP', key: 'secret', token: 'token/+=' }, { accounts: [account] });
    await lab.driver.createContainer('bucket-1', {}, ctx);
    await lab.driver.put(ref, bytesBody('x'), {}, ctx);
    lab.emulator.forget();
    const signed = await lab.driver.urls!.sign(ref, { method: 'GET', expiresInSeconds: 60 }, ctx);
    expect(lab.emulator.requests).toEqual([]);
    expect(await (await fetch(signed.url)).text()).toBe('x');
  });

  it('says which headers must be sent with it', async () => {
    const driver = await open({ serverSideEncryption: 'AES256' });
    const signed = await driver.urls!.sign(
      ref,
      { method: 'PUT', expiresInSeconds: 60, contentType: 'text/plain' },
      ctx,
    );
    expect(signed.headers).toEqual({ 'content-type': 'text/plain', 'x-amz-server-side-encryption': 'AES256' });
    expect((await fetch(signed.url, { method: 'PUT', body: 'x', headers: signed.headers })).status).toBe(200);
    expect((await fetch(signed.url, { method: 'PUT', body: 'x' })).status).toBe(403);
  });

  it('that was changed in any part is refused', async () => {
    const driver = await open();
    await driver.put(ref, bytesBody('x'), {}, ctx);
    const { url } = await driver.urls!.sign(ref, { method: 'GET', expiresInSeconds: 60 }, ctx);
    const tampered = [
      url.replace('/k?', '/k2?'),
      url.replace('Expires=60', 'Expires=6000'),
      url.replace('bucket-1', 'bucket-2'),
      `${url}&versionId=null`,
      url.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    ];
    for (const each of tampered) expect((await fetch(each)).status, each).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(url)).status).toBe(200);
  });

  it('names a version', async () => {
    const driver = await open();
    await driver.versions!.setEnabled('bucket-1', true, ctx);
    const { record } = await driver.put(ref, bytesBody('old'), {}, ctx);
    await driver.put(ref, bytesBody('new'), {}, ctx);
    const old = { ...ref, versionId: record.versionId };
    const signed = await driver.urls!.sign(old, { method: 'GET', expiresInSeconds: 60 }, ctx);
    expect(await (await fetch(signed.url)).text()).toBe('old');
  });

  it('is not made for a key that no address can name', async () => {
    const driver = await open();
    for (const key of ['..', 'a/../b', './a', 'a/.']) {
      const signing = driver.urls!.sign({ ...ref, key }, { method: 'GET', expiresInSeconds: 60 }, ctx);
      await expect(signing).rejects.toMatchObject({ code: 'invalid-argument' });
      expect(() => driver.urls!.publicUrl?.({ ...ref, key })).toThrow(/No address can name/);
    }
  });
});

describe('a form', () => {
  const post = async (
    form: { url: string; fields: Readonly<Record<string, string>> },
    more: Record<string, string>,
    file = 'content',
  ): Promise<number> => {
    const body = new FormData();
    for (const [name, value] of Object.entries({ ...form.fields, ...more })) body.set(name, value);
    body.set('file', new Blob([file]), 'name of file.txt');
    const response = await fetch(form.url, { method: 'POST', body });
    return response.status;
  };

  it('keeps its limits of size and type', async () => {
    const driver = await open();
    const limits = { expiresInSeconds: 60, minBytes: 2, maxBytes: 10, contentType: 'text/plain' };
    const form = await driver.urls!.signForm!(ref, limits, ctx);
    expect(await post(form, {}, 'x')).toBe(400);
    expect(await post(form, {}, 'x'.repeat(11))).toBe(400);
    expect(await post(form, { 'content-type': 'text/html' })).toBe(403);
    expect(await post(form, { key: 'other' })).toBe(403);
    expect(await post(form, {})).toBeLessThan(300);
    expect((await driver.stat(ref, {}, ctx)).contentType).toBe('text/plain');
  });

  it('takes any key behind a prefix, by the name of the file', async () => {
    const driver = await open();
    const prefix = { ...ref, key: 'uploads/' };
    const form = await driver.urls!.signForm!(prefix, { expiresInSeconds: 60, keyIsPrefix: true }, ctx);
    expect(await post(form, {})).toBeLessThan(300);
    expect(await post(form, { key: 'elsewhere/x' })).toBe(403);
    const { objects } = await driver.list('bucket-1', {}, ctx);
    expect(objects.map(({ key }) => key)).toEqual(['uploads/name of file.txt']);
  });

  it('takes a family of types', async () => {
    const driver = await open();
    const form = await driver.urls!.signForm!(ref, { expiresInSeconds: 60, contentType: 'image/*' }, ctx);
    expect(await post(form, { 'Content-Type': 'text/html' })).toBe(403);
    expect(await post(form, { 'Content-Type': 'image/png' })).toBeLessThan(300);
    expect((await driver.stat(ref, {}, ctx)).contentType).toBe('image/png');
  });

  it('is absent where the service takes none', async () => {
    lab = await startLab({ service: 'swift' });
    expect('signForm' in lab.driver.urls!).toBe(false);
  });
});

describe('an anonymous storage', () => {
  it('has public addresses and signs none', async () => {
    const driver = createS3Driver({ anonymous: true, endpoint: 'https://x.de' }, createHost());
    expect(driver.urls?.publicUrl?.({ container: 'b-1', key: 'a b/é?' })).toBe('https://x.de/b-1/a%20b/%C3%A9%3F');
    expect(driver.capabilities.urls?.methods).toEqual([]);
    const signing = driver.urls!.sign({ container: 'b-1', key: 'k' }, { method: 'GET', expiresInSeconds: 60 }, ctx);
    await expect(signing).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('reads what is public', async () => {
    await open({}, { publicBuckets: ['bucket-1'] });
    await lab!.driver.put(ref, bytesBody('x'), {}, ctx);
    const stranger = createS3Driver({ endpoint: lab!.emulator.endpoint, anonymous: true }, createHost());
    expect((await stranger.read(ref, { want: 'bytes' }, ctx)).bytes?.toString()).toBe('x');
    await expect(stranger.put(ref, bytesBody('y'), {}, ctx)).rejects.toMatchObject({ code: 'permission-denied' });
    await stranger.close?.();
  });
});

describe('the CDN address', () => {
  const expiry = async (options: object, env: Record<string, string>): Promise<string | null> => {
    const driver = createS3Driver({ user: 'AKID', key: 's', ...options }, createHost(), { env });
    return new URL(await driver.cdn!.objectUrl!(ref, ctx)).searchParams.get('X-Amz-Expires');
  };

  it('lives as long as in Libcloud', async () => {
    expect(await expiry({}, {})).toBe('86400');
    expect(await expiry({}, { LIBCLOUD_S3_CDN_URL_EXPIRY_HOURS: '2' })).toBe('7200');
    expect(await expiry({ cdnUrlExpirySeconds: 60 }, { LIBCLOUD_S3_CDN_URL_EXPIRY_HOURS: '2' })).toBe('60');
    await expect(expiry({}, { LIBCLOUD_S3_CDN_URL_EXPIRY_HOURS: 'soon' })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });
});
