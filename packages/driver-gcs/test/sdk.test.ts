import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { type Bucket, Storage } from '@google-cloud/storage';
import { digestOf } from '@stowage/core/spi';
import { bundlePrograms } from '@stowage/test-servers';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { bytesBody } from './bodies.js';
import { ctx, type Lab, type Mode, startLab } from './lab.js';

const MIB = 1024 ** 2;
const container = 'bucket-1';
let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

async function open(mode: Mode, options = {}): Promise<{ readonly lab: Lab; readonly bucket: Bucket }> {
  lab = await startLab(mode, options);
  await lab.driver.createContainer(container, {}, ctx);
  const credentials = mode === 'oauth' ? lab.driver : lab.openWith({ credentials: { ...lab.emulator.keyFile() } });
  const client = (await credentials.sdk!()) as Storage;
  return { lab, bucket: client.bucket(container) };
}

describe("the vendor's client", () => {
  it('has the endpoint and the credentials of the driver', async () => {
    const { lab: here, bucket } = await open('oauth');
    const client = (await here.driver.sdk!()) as Storage;
    expect(client).toBeInstanceOf(Storage);
    expect((await client.getBuckets())[0].map(({ name }) => name)).toEqual([container]);
    await bucket.setCorsConfiguration([{ origin: ['https://example.com'], method: ['GET'], maxAgeSeconds: 60 }]);
    const [metadata] = await bucket.getMetadata();
    expect(metadata.cors).toHaveLength(1);
  });

  it('takes a given token, and reads what is public without any', async () => {
    const { lab: here } = await open('oauth');
    const token = here.openWith({ accessToken: here.emulator.issueToken(), project: here.emulator.project });
    const named = (await token.sdk!()) as Storage;
    expect((await named.getBuckets())[0]).toHaveLength(1);
    await here.driver.put({ container, key: 'k' }, bytesBody('for all'), { acl: 'public-read' }, ctx);
    const nobody = (await here.openWith({ anonymous: true }).sdk!()) as Storage;
    const [bytes] = await nobody.bucket(container).file('k').download();
    expect(bytes.toString()).toBe('for all');
  });
});

describe.each<Mode>(['hmac', 'oauth'])("what we write by %s, Google's client", (mode) => {
  it('lists, reads, ranges and verifies', async () => {
    const { lab: here, bucket } = await open(mode);
    const content = randomBytes(700_000);
    const given = { contentType: 'a/b', cacheControl: 'no-store', metadata: { title: 'voilà 日本' } };
    await here.driver.put({ container, key: 'a b/é' }, bytesBody(content), given, ctx);
    const [files] = await bucket.getFiles();
    expect(files.map(({ name }) => name)).toEqual(['a b/é']);
    const file = bucket.file('a b/é');
    expect((await file.download({ validation: 'crc32c' }))[0].equals(content)).toBe(true);
    expect((await file.download({ start: 5, end: 9 }))[0].equals(content.subarray(5, 10))).toBe(true);
    expect((await file.getMetadata())[0]).toMatchObject({
      ...given,
      metadata: given.metadata,
      crc32c: Buffer.from(digestOf('crc32c', content), 'hex').toString('base64'),
    });
  });

  it('verifies what was composed, sent in parts and in a session, and packed', async () => {
    const { lab: here, bucket } = await open(mode);
    const { driver } = here;
    await driver.put({ container, key: 'a' }, bytesBody('one '), {}, ctx);
    await driver.gcs.compose({ container, key: 'composed' }, [{ key: 'a' }, { key: 'a' }]);
    const large = randomBytes(5 * MIB + 17);
    const upload = await driver.parts!.begin({ container, key: 'parts' }, {}, ctx);
    const cut = [large.subarray(0, 5 * MIB), large.subarray(5 * MIB)] as const;
    const parts = [];
    for (const [index, bytes] of cut.entries()) {
      const part = { number: index + 1, offset: index * 5 * MIB, last: index === 1 };
      parts.push(await driver.parts!.put(upload, part, bytesBody(bytes), ctx));
    }
    await driver.parts!.complete(upload, parts, {}, ctx);
    const packed = { contentEncoding: 'gzip', contentType: 'text/plain' };
    await driver.put({ container, key: 'packed' }, bytesBody(gzipSync('unpacked')), packed, ctx);
    const read = async (key: string): Promise<Buffer> => (await bucket.file(key).download({ validation: 'crc32c' }))[0];
    expect((await read('composed')).toString()).toBe('one one ');
    expect((await read('parts')).equals(large)).toBe(true);
    expect((await read('packed')).toString()).toBe('unpacked');
  });
});

describe.each<Mode>(['hmac', 'oauth'])("what Google's client writes, we read by %s", (mode) => {
  it('verified: in one request, packed, and composed', async () => {
    const { lab: here, bucket } = await open(mode);
    const content = randomBytes(300_000);
    await bucket.file('one').save(content, { resumable: false, metadata: { metadata: { Title: 'voilà' } } });
    await bucket.file('packed').save('what is packed', { resumable: false, gzip: true });
    await bucket.combine(['one', 'one'], 'composed');
    const { driver } = here;
    const one = await driver.read({ container, key: 'one' }, { want: 'bytes' }, ctx);
    expect(one.bytes?.equals(content)).toBe(true);
    expect({ ...one.record.metadata }).toEqual({ title: 'voilà' });
    expect(one.record.checksums?.crc32c).toBe(digestOf('crc32c', content));
    const packed = await driver.read({ container, key: 'packed' }, { want: 'bytes' }, ctx);
    expect(packed.record).toMatchObject({ contentEncoding: 'gzip', size: packed.bytes?.length });
    expect(packed.record.checksums?.crc32c).toBe(digestOf('crc32c', packed.bytes!));
    const composed = await driver.read({ container, key: 'composed' }, { want: 'bytes' }, ctx);
    expect(composed.bytes?.length).toBe(600_000);
    expect(composed.record.checksums?.crc32c).toBe(digestOf('crc32c', composed.bytes!));
    const { objects } = await driver.list(container, {}, ctx);
    expect(objects.map(({ key }) => key)).toEqual(['composed', 'one', 'packed']);
  });
});

describe('without a call for them', () => {
  it("neither the SDK nor Google's authentication is loaded with HMAC keys: all works where they are not installed", async () => {
    const { lab: here } = await open('hmac');
    const programs = await bundlePrograms(new URL('processes/', import.meta.url), 'without-sdk');
    onTestFinished(() => programs.remove());
    const { accessKey, secretKey } = here.emulator.hmacKey;
    const args = [programs.path('without-sdk'), here.emulator.endpoint, accessKey, secretKey];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const done = JSON.parse(stdout) as { readonly signed: string };
    expect(done).toMatchObject({ text: 'content', keys: ['without-sdk'] });
    expect(done).toMatchObject({ codes: ['ERR_MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'] });
    expect(done.signed).toContain('X-Goog-Signature=');
  });
});
