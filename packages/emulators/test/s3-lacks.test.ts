import {
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  CreateBucketCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it } from 'vitest';
import { S3Emulator, type S3Feature } from '../src/index.js';

let emulator: S3Emulator | undefined;
let s3: S3Client | undefined;
afterEach(async () => {
  s3?.destroy();
  await emulator?.close();
});

async function open(...lacks: S3Feature[]): Promise<S3Client> {
  emulator = await S3Emulator.start({ lacks });
  const { accessKey: accessKeyId, secretKey: secretAccessKey } = emulator.account;
  const credentials = { accessKeyId, secretAccessKey };
  s3 = new S3Client({
    endpoint: emulator.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
  });
  await s3.send(new CreateBucketCommand({ Bucket: 'b-1' }));
  return s3;
}

const object = { Bucket: 'b-1', Key: 'k', Body: 'x' };

describe('an S3 emulator that lacks', () => {
  it('conditions of writes, writes all the same', async () => {
    const client = await open('write-conditions');
    await client.send(new PutObjectCommand(object));
    await client.send(new PutObjectCommand({ ...object, Body: 'other', IfNoneMatch: '*' }));
    expect(await client.send(new HeadObjectCommand(object))).toMatchObject({ ContentLength: 5 });
  });

  it('checksums, gives none back', async () => {
    const client = await open('checksums');
    const put = await client.send(new PutObjectCommand({ ...object, ChecksumAlgorithm: 'CRC32' }));
    expect(put.ChecksumCRC32).toBeUndefined();
  });

  it('MD5 as ETag, has others', async () => {
    const client = await open('md5-etags');
    const [one, two] = [
      await client.send(new PutObjectCommand(object)),
      await client.send(new PutObjectCommand(object)),
    ];
    expect(one.ETag).not.toBe(two.ETag);
  });

  it('ListObjectsV2, answers as ListObjects', async () => {
    const client = await open('list-v2');
    for (const Key of ['a', 'b']) await client.send(new PutObjectCommand({ ...object, Key }));
    const page = await client.send(new ListObjectsV2Command({ Bucket: 'b-1', MaxKeys: 1, StartAfter: 'a' }));
    expect(page).toMatchObject({ IsTruncated: true, Contents: [{ Key: 'a' }] });
    expect(page.NextContinuationToken).toBeUndefined();
  });

  it('tags, says so', async () => {
    const client = await open('tags');
    await client.send(new PutObjectCommand(object));
    await expect(client.send(new GetObjectTaggingCommand(object))).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('conflicts of buckets, creates one twice', async () => {
    const client = await open('bucket-conflicts');
    await expect(client.send(new CreateBucketCommand({ Bucket: 'b-1' }))).resolves.toBeDefined();
  });
});
