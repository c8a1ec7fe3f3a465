import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { type Bucket, Storage, TransferManager } from '@google-cloud/storage';
import { storageOver } from '@stowage/core';
import { digestOf, type ObjectRef, type PartResult } from '@stowage/core/spi';
import type { RequestSummary } from '@stowage/emulators';
import { bundlePrograms } from '@stowage/test-servers';
import { bytesBody } from '@stowage/testkit';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { GcsDriver } from '../src/driver.js';
import { temporaryFolder } from './folder.js';
import { credentialsOf, ctx, type Lab, type Mode, startLab } from './lab.js';

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
    await bucket.file('k').save('signed for', { resumable: false });
    const [url] = await bucket.file('k').getSignedUrl({ version: 'v4', action: 'read', expires: Date.now() + 60_000 });
    expect(await (await fetch(url)).text()).toBe('signed for');
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

const MODES: readonly Mode[] = ['hmac', 'oauth'];
const matrix = <T extends { readonly way: string }>(ways: readonly T[]): (T & { readonly mode: Mode })[] =>
  MODES.flatMap((mode) => ways.map((each) => ({ ...each, mode })));

/** A way to write an object, which resolves to the content that readers are to get. */
interface OurWay {
  readonly way: string;
  readonly write: (lab: Lab, ref: ObjectRef, mode: Mode) => Promise<Buffer>;
}

const LARGE_BYTES = 5 * MIB + 700_017;
const PACKED = { contentEncoding: 'gzip', contentType: 'text/plain' };

async function inParts(driver: GcsDriver, ref: ObjectRef, content: Buffer): Promise<void> {
  const upload = await driver.parts!.begin(ref, {}, ctx);
  const parts: PartResult[] = [];
  for (const [index, bytes] of [content.subarray(0, 5 * MIB), content.subarray(5 * MIB)].entries()) {
    const part = { number: index + 1, offset: index * 5 * MIB, last: index === 1 };
    parts.push(await driver.parts!.put(upload, part, bytesBody(bytes), ctx));
  }
  await driver.parts!.complete(upload, parts, {}, ctx);
}

/** In a session that breaks off in its second part and is gone on with by another driver. */
async function inSession({ emulator, openWith }: Lab, ref: ObjectRef, mode: Mode, content: Buffer): Promise<void> {
  const open = (): GcsDriver => openWith({ ...credentialsOf(emulator, mode), uploads: 'session' });
  const first = open();
  const upload = await first.parts!.begin(ref, {}, ctx);
  await first.parts!.put(upload, { number: 1, offset: 0 }, bytesBody(content.subarray(0, 2 * MIB)), ctx);
  const when = ({ operation, method }: RequestSummary): boolean => operation === 'resumable.put' && method === 'PUT';
  emulator.faults.add({ fault: { kind: 'cut-request', afterBytes: 600_000 }, when, times: 1 });
  const rest = { number: 2, offset: 2 * MIB };
  await expect(first.parts!.put(upload, rest, bytesBody(content.subarray(2 * MIB)), ctx)).rejects.toThrow();
  const second = open();
  const stored = await second.parts!.list(upload, {}, ctx);
  const from = stored.parts[0]!.size;
  expect(from).toBeGreaterThanOrEqual(2 * MIB);
  const last = { number: 2, offset: from, last: true };
  const part = await second.parts!.put(upload, last, bytesBody(content.subarray(from)), ctx);
  const checksum = { algorithm: 'crc32c', value: digestOf('crc32c', content) } as const;
  const { verified } = await second.parts!.complete(upload, [...stored.parts, part], { checksum }, ctx);
  expect(verified).toBe('service');
}

const OUR_WAYS: readonly OurWay[] = [
  {
    way: 'in one request',
    async write({ driver }, ref) {
      const content = randomBytes(700_000);
      await driver.put(ref, bytesBody(content), {}, ctx);
      return content;
    },
  },
  {
    way: 'packed',
    async write({ driver }, ref) {
      const content = Buffer.from('what is packed '.repeat(1000));
      await driver.put(ref, bytesBody(gzipSync(content)), PACKED, ctx);
      return content;
    },
  },
  {
    way: 'composed',
    async write({ driver }, ref) {
      const pieces = [randomBytes(300_000), randomBytes(17)];
      const sources = [{ key: 'piece 0' }, { key: 'piece 1' }];
      for (const [index, piece] of pieces.entries())
        await driver.put({ ...ref, key: `piece ${String(index)}` }, bytesBody(piece), {}, ctx);
      await driver.gcs.compose(ref, sources);
      return Buffer.concat(pieces);
    },
  },
  {
    way: 'in parts',
    async write({ driver }, ref) {
      const content = randomBytes(LARGE_BYTES);
      await inParts(driver, ref, content);
      return content;
    },
  },
  {
    way: 'in a session that broke off',
    async write(here, ref, mode) {
      const content = randomBytes(LARGE_BYTES);
      await inSession(here, ref, mode, content);
      return content;
    },
  },
];

describe.each(matrix(OUR_WAYS))("what we write by $mode, $way, Google's client", ({ mode, way, write }) => {
  it('lists, reads, ranges and verifies', async () => {
    const { lab: here, bucket } = await open(mode);
    const key = 'a b/é+%';
    const content = await write(here, { container, key }, mode);
    const stored = way === 'packed' ? gzipSync(content) : content;
    const [files] = await bucket.getFiles({ prefix: 'a b/' });
    expect(files.map(({ name, metadata }) => [name, Number(metadata.size)])).toEqual([[key, stored.length]]);
    const file = bucket.file(key);
    expect((await file.download({ validation: 'crc32c' }))[0].equals(content)).toBe(true);
    const [range] = await file.download({ start: 5, end: 204, decompress: false });
    if (way !== 'packed') expect(range.equals(content.subarray(5, 205))).toBe(true);
    const [metadata] = await file.getMetadata();
    expect(metadata.crc32c).toBe(Buffer.from(digestOf('crc32c', stored), 'hex').toString('base64'));
  });
});

describe.each(MODES)("what we write by %s, Google's client", (mode) => {
  it('describes as we do', async () => {
    const { lab: here, bucket } = await open(mode);
    const given = { contentType: 'a/b', cacheControl: 'no-store', metadata: { title: 'voilà 日本' } };
    await here.driver.put({ container, key: 'k' }, bytesBody('x'), given, ctx);
    expect((await bucket.file('k').getMetadata())[0]).toMatchObject(given);
  });
});

/** A way of Google's client to write an object, which resolves to the bytes that are stored. */
interface TheirWay {
  readonly way: string;
  readonly write: (bucket: Bucket, name: string, here: Lab) => Promise<Buffer>;
}

/** `save` begins sessions without credentials where the endpoint is not Google's own, so that they are begun before. */
async function saveInSession(bucket: Bucket, name: string, content: Buffer): Promise<void> {
  const file = bucket.file(name);
  const [uri] = await file.createResumableUpload();
  await file.save(content, { resumable: true, uri, chunkSize: 2 * MIB });
}

const THEIR_WAYS: readonly TheirWay[] = [
  {
    way: 'in one request',
    async write(bucket, name) {
      const content = randomBytes(300_000);
      await bucket.file(name).save(content, { resumable: false });
      return content;
    },
  },
  {
    way: 'packed',
    async write(bucket, name) {
      await bucket.file(name).save('what is packed', { resumable: false, gzip: true });
      return (await bucket.file(name).download({ decompress: false }))[0];
    },
  },
  {
    way: 'composed',
    async write(bucket, name) {
      const content = randomBytes(300_000);
      await bucket.file('piece').save(content, { resumable: false });
      await bucket.combine(['piece', 'piece'], name);
      return Buffer.concat([content, content]);
    },
  },
  {
    way: 'in a session of several requests',
    async write(bucket, name) {
      const content = randomBytes(LARGE_BYTES);
      await saveInSession(bucket, name, content);
      return content;
    },
  },
  {
    way: 'in a session that broke off',
    async write(bucket, name, { emulator }) {
      const content = randomBytes(LARGE_BYTES);
      const when = ({ operation, method }: RequestSummary): boolean =>
        operation === 'resumable.put' && method === 'PUT';
      emulator.faults.add({ fault: { kind: 'cut-request', afterBytes: 600_000 }, when, times: 1 });
      await saveInSession(bucket, name, content);
      return content;
    },
  },
  {
    way: 'in parts',
    async write(bucket, name, { emulator }) {
      const content = randomBytes(LARGE_BYTES);
      const path = join(temporaryFolder(), 'large');
      writeFileSync(path, content);
      // It addresses a host of the bucket, without a port, whatever its endpoint is; and it reads documents that come as text only.
      const { authClient } = bucket.storage;
      const request = authClient.request.bind(authClient);
      const host = `https://${container}.${new URL(emulator.endpoint).hostname}/`;
      authClient.request = (options: { readonly url: string }) => {
        const url = options.url.replace(host, `${emulator.endpoint}/${container}/`);
        return request({ ...options, url, responseType: 'text' });
      };
      await new TransferManager(bucket).uploadFileInChunks(path, {
        uploadName: name,
        chunkSizeBytes: 5 * MIB,
        validation: 'md5',
      });
      return content;
    },
  },
];

describe.each(matrix(THEIR_WAYS))("what Google's client writes, $way, we", ({ mode, way, write }) => {
  it(`list, read, range and verify, by ${mode}`, async () => {
    const { lab: here, bucket } = await open(mode);
    const stored = await write(bucket, 'theirs', here);
    const { driver } = here;
    const ref = { container, key: 'theirs' };
    const crc32c = digestOf('crc32c', stored);
    const { bytes, record } = await driver.read(ref, { want: 'bytes' }, ctx);
    expect(bytes?.equals(stored)).toBe(true);
    expect(record).toMatchObject({ size: stored.length, checksums: { crc32c } });
    expect(record.contentEncoding).toBe(way === 'packed' ? 'gzip' : undefined);
    const part = await driver.read(ref, { want: 'bytes', range: { start: 5, end: 20 } }, ctx);
    expect(part.bytes?.equals(stored.subarray(5, 20))).toBe(true);
    const { objects } = await driver.list(container, { prefix: 'theirs' }, ctx);
    expect(objects).toMatchObject([{ key: 'theirs', size: stored.length, etag: record.etag }]);
    const copy = join(temporaryFolder(), 'copy');
    const { verified } = await storageOver(driver).container(container).object('theirs').download(copy);
    expect(verified).toBe('client');
    expect(readFileSync(copy).equals(stored)).toBe(true);
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
