import { type StorageDriver, StorageError } from '@stowage/core/spi';
import { afterEach, describe, expect, it } from 'vitest';
import { copySourceHeader } from '../src/copy.js';
import { readPosition, writePosition } from '@stowage/http';
import { bytesBody } from '@stowage/testkit';
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

describe('copies', () => {
  it('name their source escaped, and its version', () => {
    expect(copySourceHeader({ container: 'b', key: 'a b/é?' })).toBe('/b/a%20b/%C3%A9%3F');
    expect(copySourceHeader({ container: 'b', key: 'k', versionId: 'v+1' })).toBe('/b/k?versionId=v%2B1');
  });

  it('do not tell a size that S3 does not tell', async () => {
    const driver = await open({ service: 'aws' });
    await driver.put(ref, bytesBody('content'), {}, ctx);
    const { record } = await driver.copy!.copy(ref, { ...ref, key: 'c' }, {}, ctx);
    expect(record.size).toBeUndefined();
    expect(record.etag).toBe((await driver.stat(ref, {}, ctx)).etag);
  });

  it('keep tags unless others are given', async () => {
    const driver = await open({ service: 'aws' });
    await driver.put(ref, bytesBody('x'), { tags: { a: '1' } }, ctx);
    await driver.copy!.copy(ref, { ...ref, key: 'kept' }, { attributes: { contentType: 'a/b' } }, ctx);
    await driver.copy!.copy(ref, { ...ref, key: 'new' }, { attributes: { tags: { b: '2' } } }, ctx);
    expect({ ...(await driver.tags!.read({ ...ref, key: 'kept' }, ctx)) }).toEqual({ a: '1' });
    expect({ ...(await driver.tags!.read({ ...ref, key: 'new' }, ctx)) }).toEqual({ b: '2' });
  });
});

describe('tags', () => {
  it('are read and replaced, of any text', async () => {
    const driver = await open();
    await driver.put(ref, bytesBody('x'), { tags: { 'a b': 'é&=+', __proto__x: '<>' } }, ctx);
    expect({ ...(await driver.tags!.read(ref, ctx)) }).toEqual({ 'a b': 'é&=+', __proto__x: '<>' });
    await driver.tags!.replace(ref, { new: '"\'&<>' }, ctx);
    expect({ ...(await driver.tags!.read(ref, ctx)) }).toEqual({ new: '"\'&<>' });
    await driver.tags!.replace(ref, {}, ctx);
    expect({ ...(await driver.tags!.read(ref, ctx)) }).toEqual({});
  });

  it('of a missing object are no tags', async () => {
    const driver = await open();
    await expect(driver.tags!.read(ref, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
  });

  it('are absent where the service has none', async () => {
    expect((await open({ service: 'swift' })).tags).toBeUndefined();
  });
});

describe('parts', () => {
  it('have the kind of digest that their upload was begun with, whoever goes on', async () => {
    const driver = await open({ service: 'aws' }, { minPartBytes: 1 });
    const upload = await driver.parts!.begin(ref, {}, ctx);
    expect(upload.state).toEqual({ digest: 'crc32' });
    const other = lab!.open({ checksum: 'sha256' });
    const parts = [
      await driver.parts!.put(upload, { number: 1, offset: 0 }, bytesBody('one'), ctx),
      await other.parts!.put(upload, { number: 2, offset: 3 }, bytesBody('two'), ctx),
    ];
    expect(parts.map(({ checksum }) => checksum?.algorithm)).toEqual(['crc32', 'crc32']);
    await other.parts!.complete(upload, parts, {}, ctx);
    expect((await driver.stat(ref, {}, ctx)).size).toBe(6);
  });

  it('that are there are listed page by page', async () => {
    const driver = await open({ service: 'aws' });
    const upload = await driver.parts!.begin(ref, {}, ctx);
    for (let number = 1; number <= 3; number++)
      await driver.parts!.put(upload, { number, offset: 0 }, bytesBody(String(number)), ctx);
    const { parts, next } = await driver.parts!.list(upload, { token: '1' }, ctx);
    expect([parts.map(({ number }) => number), next]).toEqual([[2, 3], undefined]);
  });

  it('of a gone upload are told from a missing object', async () => {
    const driver = await open();
    const upload = { ref, uploadId: 'gone' };
    await expect(driver.parts!.list(upload, {}, ctx)).rejects.toMatchObject({ code: 'upload-not-found' });
    await expect(driver.parts!.abort(upload, ctx)).resolves.toBeUndefined();
  });

  it('are completed only with their ETags', async () => {
    const driver = await open();
    const complete = driver.parts!.complete({ ref, uploadId: 'u' }, [{ number: 1, size: 1 }], {}, ctx);
    await expect(complete).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('whose completion has no answer may have become an object', async () => {
    const endpoint = await serve(() => [200, '   ']);
    const part = { number: 1, size: 1, etag: 'e' };
    const complete = openAt(endpoint).parts!.complete({ ref, uploadId: 'u' }, [part], {}, ctx);
    await expect(complete).rejects.toMatchObject({ code: 'unavailable', retryable: true, requestSent: true });
  });
});

describe('uploads under way', () => {
  it('are found again whatever their keys, where a service escapes these without a word', async () => {
    const rows = ['%01m', '100%25', 'a%20%2B'].map((key) => `<Upload><Key>${key}</Key><UploadId>u</UploadId></Upload>`);
    const queries: string[] = [];
    const endpoint = await serve((request) => {
      queries.push(request.url ?? '');
      return [
        200,
        `<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>100% raw</NextKeyMarker>${rows.join('')}</ListMultipartUploadsResult>`,
      ];
    });
    const driver = openAt(endpoint, { service: 'ceph' });
    const { uploads, next } = await driver.parts!.listUploads('bucket-1', {}, ctx);
    expect(uploads.map((upload) => upload.ref.key)).toEqual(['\u0001m', '100%', 'a +']);
    await driver.parts!.listUploads('bucket-1', { token: next }, ctx);
    expect(new URL(queries[1]!, endpoint).searchParams.get('key-marker')).toBe('a +');
    expect(new URL(queries[1]!, endpoint).searchParams.get('upload-id-marker')).toBe('u');
  });

  it('go on after a position, and refuse one that is none', () => {
    for (const position of [
      { key: 'a"b', id: 'v' },
      { key: 'k', id: undefined },
      { key: undefined, id: undefined },
    ]) {
      expect(readPosition(writePosition(position))).toEqual(position);
    }
    expect(readPosition(undefined)).toEqual({});
    for (const token of ['', 'x', '{}', '["a"]', '[1,2]', 'null'])
      expect(() => readPosition(token)).toThrow(StorageError);
  });
});

describe('bulk deletes', () => {
  it('tell of each key that stays, and count what was missing as gone', async () => {
    const endpoint = await serve(() => [
      200,
      '<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>No</Message></Error><Error><Key>c</Key><VersionId>v</VersionId><Code>InternalError</Code><Message>Later</Message></Error></DeleteResult>',
    ]);
    const refs = [
      { container: 'bucket-1', key: 'a' },
      { container: 'bucket-1', key: 'b' },
      { container: 'bucket-1', key: 'c', versionId: 'v' },
      { container: 'bucket-1', key: 'c', versionId: 'w' },
    ];
    const results = await openAt(endpoint).bulkDelete!.delete(refs, {}, ctx);
    expect(results.map((result) => result.ref)).toEqual(refs);
    expect(results.map(({ error }) => (error as StorageError | undefined)?.code)).toEqual([
      undefined,
      'permission-denied',
      'unavailable',
      undefined,
    ]);
  });

  it('leave out keys that XML cannot hold', async () => {
    const { capabilities } = await open();
    const excludes = (key: string): boolean => capabilities.bulkDelete!.excludes!(key);
    expect(['a\u0001', '\uffff', 'a\u001f'].every(excludes)).toBe(true);
    expect(['a\tb', 'a\r\n', '<&>"\'', '🙂', '\u0085'].some(excludes)).toBe(false);
  });

  it('are one error when the service refuses the whole', async () => {
    const endpoint = await serve(() => [200, '<Error><Code>SlowDown</Code></Error>']);
    const deleting = openAt(endpoint).bulkDelete!.delete([ref], {}, ctx);
    await expect(deleting).rejects.toMatchObject({ code: 'rate-limited', retryable: true });
  });
});

describe('websites', () => {
  it('are switched on and off', async () => {
    const driver = await open();
    await driver.website!.enable('bucket-1', { indexKey: 'index.html', errorKey: '404 & more.html' }, ctx);
    expect(lab!.emulator.store.bucket('bucket-1').documents.get('website')).toContain('<Suffix>index.html</Suffix>');
    await driver.website!.disable('bucket-1', ctx);
    expect(lab!.emulator.store.bucket('bucket-1').documents.has('website')).toBe(false);
  });
});

describe('deleting', () => {
  it('of what is not there says so where the service does', async () => {
    const endpoint = await serve(() => [404, '<Error><Code>NoSuchKey</Code></Error>']);
    expect(await openAt(endpoint).delete(ref, {}, ctx)).toEqual({ existed: false });
  });
});
