import { gzipSync } from 'node:zlib';
import { digestOf, isStorageError } from '@stowage/core/spi';
import { bytesBody, streamBody } from '@stowage/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { ctx, type Lab, type Mode, startLab } from './lab.js';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const container = 'bucket-1';
const ref = { container, key: 'k' };

async function open(...args: Parameters<typeof startLab>): Promise<Lab> {
  lab = await startLab(...args);
  await lab.driver.createContainer(container, {}, ctx);
  return lab;
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no failure',
    (error: unknown) => error,
  );

describe.each<Mode>(['hmac', 'oauth'])('objects, by %s', (mode) => {
  it('are told by their generation, and by that of their metadata', async () => {
    const { driver } = await open(mode);
    const { record } = await driver.put(ref, bytesBody('one'), {}, ctx);
    const state = `${record.etag ?? ''}/1`;
    expect(record).toMatchObject({ versionId: record.etag, extra: { metageneration: '1' } });
    await driver.read(ref, { want: 'bytes', ifMatch: state }, ctx);
    const other = driver.read(ref, { want: 'bytes', ifMatch: `${record.etag ?? ''}/2` }, ctx);
    expect(await failureOf(other)).toMatchObject({ code: 'precondition-failed' });
    expect(await failureOf(driver.stat(ref, { ifNoneMatch: state }, ctx))).toMatchObject({ code: 'not-modified' });
    await driver.put(ref, bytesBody('two'), { ifMatch: state }, ctx);
    expect(await failureOf(driver.put(ref, bytesBody('three'), { ifMatch: state }, ctx))).toMatchObject({
      code: 'precondition-failed',
    });
  });

  it('are not read a second time for a condition that Google does not know', async () => {
    const { driver, emulator } = await open(mode);
    const { record } = await driver.put(ref, bytesBody(Buffer.alloc(300_000, 'x')), {}, ctx);
    const before = emulator.requests.length;
    const ifNoneMatch = record.etag;
    expect(await failureOf(driver.read(ref, { want: 'bytes', ifNoneMatch }, ctx))).toMatchObject({
      code: 'not-modified',
    });
    const { bytes } = await driver.read(ref, { want: 'bytes', ifNoneMatch: '1' }, ctx);
    expect(bytes).toHaveLength(300_000);
    expect(emulator.requests.length - before).toBe(2);
  });

  it('refuse a condition that Google has no word for, before any request', async () => {
    const { driver, emulator } = await open(mode);
    const before = emulator.requests.length;
    const failure = await failureOf(driver.put(ref, bytesBody('x'), { ifMatch: '*' }, ctx));
    expect(isStorageError(failure, 'unsupported')).toBe(true);
    expect(await failureOf(driver.put(ref, bytesBody('x'), { ifMatch: 'an-etag' }, ctx))).toMatchObject({
      code: 'precondition-failed',
      requestSent: false,
    });
    expect(emulator.requests).toHaveLength(before);
  });

  it('are compared by Google with the CRC-32C that goes before them', async () => {
    const { driver } = await open(mode);
    const wrong = { algorithm: 'crc32c', value: '00000000' } as const;
    expect(await failureOf(driver.put(ref, bytesBody('x'), { checksum: wrong }, ctx))).toMatchObject({
      code: 'checksum-mismatch',
      retryable: true,
    });
    const { record, verified } = await driver.put(ref, bytesBody('x'), {}, ctx);
    expect(verified).toBe('service');
    expect(record.checksums?.crc32c).toBe(digestOf('crc32c', Buffer.from('x')));
  });

  it('of an unknown length are stored, and their size is told', async () => {
    const { driver } = await open(mode);
    const { record } = await driver.put(ref, streamBody(Buffer.from('twelve bytes'), { size: 'unknown' }), {}, ctx);
    expect(record.size).toBe(12);
    expect((await driver.read(ref, { want: 'bytes' }, ctx)).bytes?.toString()).toBe('twelve bytes');
  });

  it('that are packed come as they are stored, whole and in ranges', async () => {
    const { driver } = await open(mode);
    const packed = gzipSync('what is packed');
    await driver.put(ref, bytesBody(packed), { contentEncoding: 'gzip', contentType: 'text/plain' }, ctx);
    const whole = await driver.read(ref, { want: 'bytes' }, ctx);
    expect(whole.bytes?.equals(packed)).toBe(true);
    expect(whole.record).toMatchObject({ size: packed.length, contentEncoding: 'gzip' });
    expect(whole.record.checksums?.crc32c).toBe(digestOf('crc32c', packed));
    const part = await driver.read(ref, { want: 'bytes', range: { start: 2, end: 6 } }, ctx);
    expect(part.bytes?.equals(packed.subarray(2, 6))).toBe(true);
  });

  it('that are composed have a CRC-32C, no MD5, and the pieces in order', async () => {
    const { driver } = await open(mode);
    const sources = [];
    for (const key of ['a', 'b', 'c']) {
      await driver.put({ container, key }, bytesBody(`piece ${key}. `), {}, ctx);
      sources.push({ key });
    }
    const record = await driver.gcs.compose(ref, sources, { ifNoneMatch: '*', metadata: { x: 'y' } });
    const whole = await driver.read(ref, { want: 'bytes' }, ctx);
    expect(whole.bytes?.toString()).toBe('piece a. piece b. piece c. ');
    expect(whole.record.checksums).toEqual({ crc32c: digestOf('crc32c', whole.bytes!) });
    expect(whole.record.extra).toMatchObject({ componentCount: '3' });
    expect(record).toMatchObject({ etag: whole.record.etag, size: 27 });
    const { etag = '' } = await driver.stat({ container, key: 'a' }, {}, ctx);
    const other = { container, key: 'other' };
    await driver.gcs.compose(other, [
      { key: 'a', ifMatch: etag },
      { key: 'a', versionId: etag },
    ]);
    const stale = driver.gcs.compose(other, [{ key: 'b', ifMatch: etag }]);
    expect(await failureOf(stale)).toMatchObject({ code: 'precondition-failed' });
    const again = driver.gcs.compose(ref, sources, { ifNoneMatch: '*' });
    expect(await failureOf(again)).toMatchObject({ code: 'object-exists' });
    expect(await failureOf(driver.gcs.compose(ref, []))).toMatchObject({ code: 'invalid-argument' });
  });

  it('keep metadata that headers can carry as it is, and any other as words', async () => {
    const { driver } = await open(mode);
    const metadata = { plain: 'voilà 日本', padded: ' a ', lines: 'a\nb', word: '=?UTF-8?B?w6k=?=', empty: '' };
    await driver.put(ref, bytesBody('x'), { metadata }, ctx);
    expect({ ...(await driver.stat(ref, {}, ctx)).metadata }).toEqual(metadata);
  });

  it('are listed with generation and size, before and after a key', async () => {
    const { driver } = await open(mode);
    for (const key of ['a', 'b', 'c']) await driver.put({ container, key }, bytesBody(key), {}, ctx);
    const { objects } = await driver.list(container, { startAfter: 'a' }, ctx);
    expect(objects.map(({ key, size }) => [key, size])).toEqual([
      ['b', 1],
      ['c', 1],
    ]);
    const { etag } = await driver.stat({ container, key: 'b' }, {}, ctx);
    expect(objects[0]).toMatchObject({ etag, versionId: etag, storageClass: 'STANDARD' });
  });
});

describe('what HMAC keys cannot do', () => {
  it('is not there, and the SDK says why', async () => {
    const { driver } = await open('hmac');
    expect(driver.metadata).toBeUndefined();
    expect(driver.gcs).not.toHaveProperty('permissions');
    expect(String(await failureOf(driver.sdk!()))).toContain('takes no HMAC keys');
  });
});

describe('what only the JSON API has', () => {
  it('lists up to a key, by a pattern, and with digests', async () => {
    const { driver } = await open('oauth');
    for (const key of ['a', 'b', 'c/d']) await driver.put({ container, key }, bytesBody(key), {}, ctx);
    const keysOf = async (request: object): Promise<string[]> =>
      (await driver.gcs.list!(container, request)).objects.map(({ key }) => key);
    expect(await keysOf({ endBefore: 'c' })).toEqual(['a', 'b']);
    expect(await keysOf({ startAfter: 'a', endBefore: 'c' })).toEqual(['b']);
    const [first] = (await driver.gcs.list!(container, {})).objects;
    expect(first?.checksums).toEqual({
      crc32c: digestOf('crc32c', Buffer.from('a')),
      md5: digestOf('md5', Buffer.from('a')),
    });
  });

  it('replaces all metadata at once, and nothing when another was faster', async () => {
    const { driver } = await open('oauth');
    const { record } = await driver.put(ref, bytesBody('x'), { metadata: { a: '1', b: '2' } }, ctx);
    const changed = await driver.metadata!.update(ref, { metadata: { b: '3' }, ifMatch: record.etag }, ctx);
    expect({ ...changed.metadata }).toEqual({ b: '3' });
    expect(changed).toMatchObject({ etag: record.etag, extra: { metageneration: '2' } });
    const stale = { contentType: 'a/b', ifMatch: `${record.etag ?? ''}/1` };
    expect(await failureOf(driver.metadata!.update(ref, stale, ctx))).toMatchObject({ code: 'precondition-failed' });
    expect(await failureOf(driver.metadata!.update(ref, { storageClass: 'COLDLINE' }, ctx))).toMatchObject({
      code: 'unsupported',
    });
  });

  it('copies in as many calls as it takes, each with the token of the one before', async () => {
    const { driver } = await open('oauth', {}, { rewriteChunkBytes: 1024 ** 2 });
    const content = Buffer.alloc(3 * 1024 ** 2 + 5, 'copied in steps ');
    await driver.put(ref, bytesBody(content), { metadata: { a: '1' } }, ctx);
    const to = { container, key: 'copy' };
    const steps: (number | undefined)[] = [];
    let result = await driver.copy!.copy(ref, to, {}, ctx);
    while (result.next !== undefined) {
      steps.push(result.copiedBytes);
      expect(await failureOf(driver.stat(to, {}, ctx))).toMatchObject({ code: 'object-not-found' });
      result = await driver.copy!.copy(ref, to, { token: result.next }, ctx);
    }
    expect(steps).toEqual([1024 ** 2, 2 * 1024 ** 2, 3 * 1024 ** 2]);
    const { bytes, record } = await driver.read(to, { want: 'bytes' }, ctx);
    expect(bytes?.equals(content)).toBe(true);
    expect({ ...record.metadata }).toEqual({ a: '1' });
  });

  it('refuses what no copy takes before any request', async () => {
    const { driver, emulator } = await open('oauth', { storageClass: 'NEARLINE' });
    await driver.put(ref, bytesBody('x'), {}, ctx);
    emulator.forget();
    const copy = (request: object): Promise<unknown> =>
      failureOf(driver.copy!.copy(ref, { container, key: 'copy' }, request, ctx));
    for (const maxBytesPerCall of [0, -1_048_576, 1_048_577, 1.5, NaN, '1048576', Infinity])
      expect(await copy({ provider: { maxBytesPerCall } })).toMatchObject({
        code: 'invalid-argument',
        requestSent: false,
      });
    expect(await copy({ provider: { maxBytes: 1_048_576 } })).toMatchObject({ code: 'unsupported' });
    expect(await copy({ ifMatch: 'an-etag' })).toMatchObject({ code: 'precondition-failed', requestSent: false });
    expect(emulator.requests).toEqual([]);
    expect(await copy({ provider: { maxBytesPerCall: 2 * 1024 ** 2 } })).toBe('no failure');
  });

  it('holds objects, and tells of holds why they stay', async () => {
    const { driver } = await open('oauth');
    await driver.put(ref, bytesBody('x'), {}, ctx);
    const held = await driver.gcs.setHolds!(ref, { temporaryHold: true });
    expect(held.extra).toMatchObject({ temporaryHold: true });
    expect(await failureOf(driver.delete(ref, {}, ctx))).toMatchObject({ code: 'permission-denied' });
    const free = { container, key: 'free' };
    await driver.put(free, bytesBody('x'), {}, ctx);
    const results = await driver.bulkDelete!.delete([ref, free], {}, ctx);
    expect(results).toMatchObject([{ error: { code: 'permission-denied' } }, { ref: free }]);
    expect(results[1]?.error).toBeUndefined();
    await driver.gcs.setHolds!(ref, { temporaryHold: false });
    expect(await driver.delete(ref, {}, ctx)).toEqual({ existed: true });
  });

  it('brings back what was deleted, while Google keeps it', async () => {
    const { driver } = await open('oauth', {}, { softDeleteSeconds: 3600 });
    const { record } = await driver.put(ref, bytesBody('was there'), {}, ctx);
    await driver.delete(ref, {}, ctx);
    const { objects } = await driver.gcs.list!(container, { softDeleted: true });
    expect(objects.map(({ key, versionId }) => [key, versionId])).toEqual([['k', record.versionId]]);
    await driver.gcs.restore!({ ...ref, versionId: record.versionId! });
    expect((await driver.read(ref, { want: 'bytes' }, ctx)).bytes?.toString()).toBe('was there');
  });
});
