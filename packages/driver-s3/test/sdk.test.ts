import { execFile } from 'node:child_process';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import {
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createHost, isStorageError } from '@stowage/core/spi';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { bundlePrograms } from '@stowage/test-servers';
import { bytesBody } from '@stowage/testkit';
import { createS3Driver } from '../src/driver.js';
import { sdkHandler } from '../src/sdk-handler.js';
import { answer } from './answers.js';
import { ctx, type Lab, startLab } from './lab.js';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const Bucket = 'bucket-1';

async function open(...args: Parameters<typeof startLab>): Promise<S3Client> {
  lab = await startLab(...args);
  await lab.driver.createContainer(Bucket, {}, ctx);
  return (await lab.driver.sdk!()) as S3Client;
}

describe("the vendor's client", () => {
  it('has the endpoint and the keys of the driver, and sees the same objects', async () => {
    const client = await open();
    await client.send(new PutObjectCommand({ Bucket, Key: 'a b+é', Body: 'from the SDK', Metadata: { x: 'y' } }));
    const { bytes, record } = await lab!.driver.read({ container: Bucket, key: 'a b+é' }, { want: 'bytes' }, ctx);
    expect(bytes?.toString()).toBe('from the SDK');
    expect({ ...record.metadata }).toEqual({ x: 'y' });
    await lab!.driver.put({ container: Bucket, key: 'k' }, bytesBody('from the driver'), {}, ctx);
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    expect(await Body?.transformToString()).toBe('from the driver');
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(['a b+é', 'k']);
  });

  it('sends streams', async () => {
    const client = await open();
    const Body = Readable.from([Buffer.from('one '), Buffer.from('two')]);
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body, ContentLength: 7 }));
    const { bytes } = await lab!.driver.read({ container: Bucket, key: 'k' }, { want: 'bytes' }, ctx);
    expect(bytes?.toString()).toBe('one two');
  });

  it('makes the calls that Stowage leaves to it', async () => {
    const client = await open();
    const Rules = [{ ID: 'r', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 7 } } as const];
    await client.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [...Rules] } }),
    );
    const found = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(found.Rules?.[0]).toMatchObject({ ID: 'r', Expiration: { Days: 7 } });
  });

  it('fails as the SDK fails', async () => {
    const client = await open();
    const failure = await client.send(new HeadObjectCommand({ Bucket, Key: 'none' })).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'NotFound', $metadata: { httpStatusCode: 404 } });
    const get = await client.send(new GetObjectCommand({ Bucket, Key: 'none' })).catch((error: unknown) => error);
    expect(get).toMatchObject({ name: 'NoSuchKey' });
  });

  it('trusts the certificates that the driver trusts, and no others', async () => {
    const made = await generate([{ name: 'commonName', value: 'localhost' }]);
    const client = await open({}, { tls: { key: made.private, cert: made.cert } }).catch((error: unknown) => error);
    expect(isStorageError(client, 'unavailable')).toBe(true);
    expect(String(client)).toContain('certificate');
    const trusting = lab!.open({}, { network: { caCertsPath: [], verifyTls: false } });
    await trusting.createContainer(Bucket, {}, ctx);
    const sdk = (await trusting.sdk!()) as S3Client;
    await sdk.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    expect((await trusting.stat({ container: Bucket, key: 'k' }, {}, ctx)).size).toBe(1);
  });

  it('signs nothing for an anonymous storage', async () => {
    await open({}, { publicBuckets: [Bucket] });
    await lab!.driver.put({ container: Bucket, key: 'k' }, bytesBody('x'), {}, ctx);
    const stranger = createS3Driver({ endpoint: lab!.emulator.endpoint, anonymous: true }, createHost());
    const client = (await stranger.sdk!()) as S3Client;
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    expect(await Body?.transformToString()).toBe('x');
    await stranger.close?.();
  });

  it('refuses bodies that cannot be sent, before any request', async () => {
    const handler = sdkHandler({ send: async () => answer(200) });
    const request = { protocol: 'https:', hostname: 'x.de', method: 'PUT', path: '/', headers: {}, body: new Map() };
    await expect(handler.handle(request)).rejects.toMatchObject({ code: 'unsupported', requestSent: false });
  });
});

describe('without a call for it', () => {
  it('the SDK is not loaded: put, head, get, list, delete, parts, copies and signed URLs work where it is not installed', async () => {
    await open();
    const programs = await bundlePrograms(new URL('processes/', import.meta.url), 'without-sdk');
    onTestFinished(() => programs.remove());
    const { endpoint, account } = lab!.emulator;
    const args = [programs.path('without-sdk'), endpoint, account.accessKey, account.secretKey];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const done = JSON.parse(stdout) as { text: string; keys: string[]; signed: string; sdk: string };
    expect(done).toMatchObject({ text: 'content', keys: ['without-sdk'], sdk: 'ERR_MODULE_NOT_FOUND' });
    expect(done.signed).toContain('X-Amz-Signature=');
  });
});
