import { randomBytes } from 'node:crypto';
import { digestOf, type StorageDriver } from '@stowage/core/spi';
import { bytesBody, streamBody } from '@stowage/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { ctx, type Lab, startLab } from './lab.js';
import { openAt, serve } from './told-server.js';

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

describe('a put', () => {
  it('keeps the encoding of the content beside that of the transfer', async () => {
    const driver = await open({ service: 'aws' });
    await driver.put(ref, streamBody(Buffer.from('zipped')), { contentEncoding: 'gzip' }, ctx);
    expect((await driver.stat(ref, {}, ctx)).contentEncoding).toBe('gzip');
  });

  it('never sends an ACL, tags or a storage class that nobody asked for', async () => {
    const seen: string[] = [];
    const endpoint = await serve((request) => {
      seen.push(...Object.keys(request.headers));
      return [200, '', { etag: '"e"' }];
    });
    await openAt(endpoint).put(ref, bytesBody('x'), {}, ctx);
    const own = ['x-amz-content-sha256', 'x-amz-date'];
    expect(seen.filter((name) => name.startsWith('x-amz-') && !own.includes(name))).toEqual([]);
  });

  it('takes the options of S3, the configured storage class, and refuses what S3 does not have', async () => {
    const driver = await open({ service: 'aws', storageClass: 'STANDARD_IA' });
    await driver.put(ref, bytesBody('x'), { provider: { websiteRedirectLocation: '/new' } }, ctx);
    const record = await driver.stat(ref, {}, ctx);
    expect(record).toMatchObject({ storageClass: 'STANDARD_IA', extra: { websiteRedirectLocation: '/new' } });
    for (const provider of [{ colour: 'blue' }, { constructor: 'x' }]) {
      await expect(driver.put(ref, bytesBody('x'), { provider }, ctx)).rejects.toMatchObject({ code: 'unsupported' });
    }
    const wrong = driver.put(ref, bytesBody('x'), { provider: { expires: 'é\n' } }, ctx);
    await expect(wrong).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('over a missing object with ifMatch is told from one over another version', async () => {
    const driver = await open({ service: 'aws' });
    const put = (ifMatch: string) => driver.put(ref, bytesBody('x'), { ifMatch }, ctx);
    await expect(put('abc')).rejects.toMatchObject({ code: 'object-not-found' });
    await driver.put(ref, bytesBody('x'), {}, ctx);
    await expect(put('abc')).rejects.toMatchObject({ code: 'precondition-failed' });
  });

  it('finds a body that was damaged on its way', async () => {
    const driver = await open({ service: 'aws' });
    const wrong = { algorithm: 'crc32', value: digestOf('crc32', Buffer.from('other')) } as const;
    const put = driver.put(ref, bytesBody('x'), { checksum: wrong }, ctx);
    await expect(put).rejects.toMatchObject({ code: 'checksum-mismatch', retryable: true });
  });
});

describe('a race over one version at Ceph', () => {
  const conflict = (service: string, ifMatch?: string) => async (): Promise<unknown> => {
    const endpoint = await serve(() => [500, '<Error><Code>UnknownError</Code></Error>']);
    const put = openAt(endpoint, { service }).put(ref, bytesBody('x'), ifMatch === undefined ? {} : { ifMatch }, ctx);
    return put.catch((error: unknown) => error);
  };

  it('is lost as a conflict, and not as trouble of the service', async () => {
    expect(await conflict('ceph', 'abc')()).toMatchObject({
      code: 'precondition-failed',
      retryable: true,
      status: 500,
    });
  });

  it('is not seen in the same answer where there is no condition, or at another service', async () => {
    expect(await conflict('ceph')()).toMatchObject({ code: 'unavailable' });
    expect(await conflict('aws', 'abc')()).toMatchObject({ code: 'unavailable' });
  });
});

describe('an ETag of which nobody knows what it is', () => {
  it('proves a body when it is its MD5', async () => {
    const driver = await open();
    const { record, verified } = await driver.put(ref, bytesBody('x'), {}, ctx);
    expect(verified).toBe('service');
    expect(record.checksums).toBeUndefined();
    expect(record.likelyChecksum).toEqual({ algorithm: 'md5', value: digestOf('md5', Buffer.from('x')) });
  });

  it('says nothing when it is not', async () => {
    const driver = await open({}, { lacks: ['md5-etags', 'checksums'] });
    const { verified } = await driver.put(ref, bytesBody('x'), {}, ctx);
    expect(verified).toBe('none');
    const { bytes } = await driver.read(ref, { want: 'bytes' }, ctx);
    expect(bytes?.toString()).toBe('x');
  });
});

describe('encryption that was asked for', () => {
  const tls = { key: '', cert: '' };

  it('and that the service ignores is an error, not an object in clear', async () => {
    const driver = await open({ service: 'ceph', serverSideEncryption: 'AES256' }, { lacks: ['encryption'] });
    const put = driver.put(ref, bytesBody('x'), {}, ctx);
    await expect(put).rejects.toMatchObject({ code: 'unsupported', retryable: false });
    const begin = driver.parts!.begin(ref, {}, ctx);
    await expect(begin).rejects.toMatchObject({ code: 'unsupported' });
    const { uploads } = await driver.parts!.listUploads('bucket-1', {}, ctx);
    expect(uploads).toEqual([]);
  });

  it('and that the service has is confirmed', async () => {
    const driver = await open({ service: 'aws', serverSideEncryption: 'aws:kms', kmsKeyId: 'key-1' });
    await driver.put(ref, bytesBody('x'), {}, ctx);
    const record = await driver.stat(ref, {}, ctx);
    expect(record.extra).toMatchObject({ serverSideEncryption: 'aws:kms', kmsKeyId: 'key-1' });
    expect(record.checksums?.md5).toBeUndefined();
  });

  it('with a customer key goes with every call, and with no other key can the object be read', async () => {
    const { key, cert } = await certificate();
    Object.assign(tls, { key, cert });
    const options = { service: 'aws', customerKey: randomBytes(32).toString('base64') };
    lab = await startLab(options, { tls });
    const host = { network: { caCertsPath: [], verifyTls: false } };
    const driver = lab.open({}, host);
    await driver.createContainer('bucket-1', {}, ctx);
    await driver.put(ref, bytesBody('secret'), {}, ctx);
    const { bytes, record } = await driver.read(ref, { want: 'bytes' }, ctx);
    expect(bytes?.toString()).toBe('secret');
    expect(record.checksums?.md5).toBeUndefined();
    await driver.copy!.copy(ref, { ...ref, key: 'copy' }, {}, ctx);
    expect((await driver.stat({ ...ref, key: 'copy' }, {}, ctx)).size).toBe(6);
    const upload = await driver.parts!.begin({ ...ref, key: 'parts' }, {}, ctx);
    const part = await driver.parts!.put(upload, { number: 1, offset: 0 }, bytesBody('part'), ctx);
    await driver.parts!.complete(upload, [part], {}, ctx);
    expect((await driver.stat({ ...ref, key: 'parts' }, {}, ctx)).size).toBe(4);
    const stranger = lab.open({ customerKey: randomBytes(32).toString('base64') }, host);
    await expect(stranger.read(ref, { want: 'bytes' }, ctx)).rejects.toMatchObject({ code: 'permission-denied' });
  });
});

describe('a condition in a bucket that keeps versions', () => {
  const server = { lacks: ['write-conditions-of-versions', 'checksums'] } as const;

  async function openVersioned(): Promise<StorageDriver> {
    const driver = await open({ service: 'ceph' }, server);
    await driver.versions!.setEnabled('bucket-1', true, ctx);
    return driver;
  }

  const keysAndVersions = async (driver: StorageDriver): Promise<number> =>
    (await driver.versions!.list('bucket-1', {}, ctx)).versions.length;

  it('holds although the service ignores it, and leaves what was there the latest', async () => {
    const driver = await openVersioned();
    await driver.put(ref, bytesBody('first'), { ifNoneMatch: '*' }, ctx);
    const second = driver.put(ref, bytesBody('second'), { ifNoneMatch: '*' }, ctx);
    await expect(second).rejects.toMatchObject({ code: 'object-exists', retryable: false });
    expect((await driver.read(ref, { want: 'bytes' }, ctx)).bytes?.toString()).toBe('first');
    expect(await keysAndVersions(driver)).toBe(1);
  });

  it('holds over a deletion mark and beside keys that begin alike', async () => {
    const driver = await openVersioned();
    await driver.put({ ...ref, key: 'k1' }, bytesBody('other'), {}, ctx);
    await driver.put(ref, bytesBody('first'), {}, ctx);
    await driver.delete(ref, {}, ctx);
    await driver.put(ref, bytesBody('again'), { ifNoneMatch: '*' }, ctx);
    expect((await driver.read(ref, { want: 'bytes' }, ctx)).bytes?.toString()).toBe('again');
  });

  it('compares the version before', async () => {
    const driver = await openVersioned();
    const { record } = await driver.put(ref, bytesBody('first'), {}, ctx);
    await driver.put(ref, bytesBody('second'), { ifMatch: record.etag }, ctx);
    const stale = driver.put(ref, bytesBody('third'), { ifMatch: record.etag }, ctx);
    await expect(stale).rejects.toMatchObject({ code: 'precondition-failed' });
    expect((await driver.read(ref, { want: 'bytes' }, ctx)).bytes?.toString()).toBe('second');
  });

  it('that cannot be checked says that nobody knows', async () => {
    const driver = await openVersioned();
    const when = ({ operation }: { operation: string }): boolean => operation === 'ListObjectVersions';
    lab!.emulator.faults.add({ fault: { kind: 'status', status: 503 }, when });
    const put = driver.put(ref, bytesBody('first'), { ifNoneMatch: '*' }, ctx);
    await expect(put).rejects.toMatchObject({ code: 'unavailable', requestSent: true, status: undefined });
  });

  it('costs nothing where there is none', async () => {
    const driver = await openVersioned();
    lab!.emulator.forget();
    await driver.put(ref, bytesBody('first'), {}, ctx);
    expect(lab!.emulator.requests).toHaveLength(1);
  });
});

/** A certificate for localhost, made for this test. */
async function certificate(): Promise<{ key: string; cert: string }> {
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: 'localhost' }]);
  return { key: made.private, cert: made.cert };
}
