import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketCorsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Client as MinioClient } from 'minio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3Emulator } from '../src/index.js';

let emulator: S3Emulator;
let s3: S3Client;

beforeAll(async () => {
  emulator = await S3Emulator.start();
  s3 = clientOf(emulator);
  await s3.send(new CreateBucketCommand({ Bucket: 'referee' }));
});

afterAll(async () => {
  s3.destroy();
  await emulator.close();
});

function clientOf(server: S3Emulator, keys: { accessKey: string; secretKey: string } = server.account): S3Client {
  const credentials = { accessKeyId: keys.accessKey, secretAccessKey: keys.secretKey };
  return new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
  });
}

const Bucket = 'referee';

describe('refereed by @aws-sdk/client-s3', () => {
  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'stores a body sent with %s and gives it back verified',
    async (algorithm) => {
      const Body = randomBytes(100_000);
      await s3.send(
        new PutObjectCommand({
          Bucket,
          Key: algorithm,
          Body,
          ChecksumAlgorithm: algorithm,
          Metadata: { colour: 'blue' },
          ContentType: 'x/y',
        }),
      );
      const read = await s3.send(new GetObjectCommand({ Bucket, Key: algorithm, ChecksumMode: 'ENABLED' }));
      expect(
        Buffer.from(await (read.Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray()),
      ).toEqual(Body);
      expect(read).toMatchObject({
        Metadata: { colour: 'blue' },
        ContentType: 'x/y',
        ETag: `"${md5(Body)}"`,
        ChecksumType: 'FULL_OBJECT',
      });
      expect(read[`Checksum${algorithm}`]).toMatch(/=$/);
    },
  );

  it('takes a stream sent as signed chunks with a trailer', async () => {
    const body = randomBytes(300_000);
    const stream = Readable.from([body.subarray(0, 1000), body.subarray(1000)]);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'streamed', Body: stream, ContentLength: body.length }));
    const read = await s3.send(new HeadObjectCommand({ Bucket, Key: 'streamed', ChecksumMode: 'ENABLED' }));
    expect(read).toMatchObject({ ContentLength: body.length, ETag: `"${md5(body)}"` });
    expect(read.ChecksumCRC32).toBeDefined();
  });

  it.each([
    'a//b',
    '/lead',
    'trail/',
    '.',
    '..',
    'a/../b',
    'é',
    'e\u0301',
    '%41',
    '?',
    '#',
    '+',
    'a b',
    '😀',
    "!'()*",
    '&<>"',
  ])('keeps the key %j apart from every other', async (Key) => {
    await s3.send(new PutObjectCommand({ Bucket, Key: `keys/${Key}`, Body: Key }));
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: `keys/${Key}` }));
    expect(await read.Body?.transformToString()).toBe(Key);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `keys/${Key}`, EncodingType: 'url' }));
    expect((listed.Contents ?? []).map((row) => decodeURIComponent((row.Key ?? '').replaceAll('+', '%20')))).toContain(
      `keys/${Key}`,
    );
  });

  it('reads ranges and refuses those beyond the end', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'ranged', Body: '0123456789' }));
    const range = async (Range: string) =>
      (await s3.send(new GetObjectCommand({ Bucket, Key: 'ranged', Range }))).Body?.transformToString();
    expect([await range('bytes=2-4'), await range('bytes=7-'), await range('bytes=-3')]).toEqual(['234', '789', '789']);
    await expect(range('bytes=10-')).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  });

  it('honours conditions on reads and writes', async () => {
    const put = (more: object) => s3.send(new PutObjectCommand({ Bucket, Key: 'conditional', Body: 'x', ...more }));
    const { ETag } = await put({ IfNoneMatch: '*' });
    await expect(put({ IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put({ IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put({ IfMatch: ETag })).resolves.toMatchObject({ ETag });
    await expect(
      s3.send(new GetObjectCommand({ Bucket, Key: 'conditional', IfNoneMatch: ETag })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
  });

  it('pages listings with prefix and delimiter, and tells every key once', async () => {
    const keys = Array.from({ length: 25 }, (_, index) => `page/${String(index % 5)}/${String(index)}`);
    await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: '' }))));
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({
          Bucket,
          Prefix: 'page/',
          MaxKeys: 7,
          ...(ContinuationToken !== undefined && { ContinuationToken }),
        }),
      );
      seen.push(...(page.Contents ?? []).map((row) => row.Key ?? ''));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen).toEqual(keys.sort());
    const folded = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'page/', Delimiter: '/', MaxKeys: 3 }));
    expect(folded.CommonPrefixes?.map((row) => row.Prefix)).toEqual(['page/0/', 'page/1/', 'page/2/']);
    const rest = await s3.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: 'page/',
        Delimiter: '/',
        ContinuationToken: folded.NextContinuationToken ?? '',
      }),
    );
    expect(rest.CommonPrefixes?.map((row) => row.Prefix)).toEqual(['page/3/', 'page/4/']);
    const old = await s3.send(new ListObjectsCommand({ Bucket, Prefix: 'page/', Marker: 'page/3/', Delimiter: '/' }));
    expect(old.CommonPrefixes?.map((row) => row.Prefix)).toEqual(['page/4/']);
  });

  it('puts objects together from parts, lists and aborts uploads', async () => {
    const body = randomBytes(6 * 1024 ** 2);
    const done = await new Upload({
      client: s3,
      params: { Bucket, Key: 'parts', Body: body },
      partSize: 5 * 1024 ** 2,
    }).done();
    expect(done.ETag).toMatch(/-2"$/);
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'parts' }));
    expect(md5(Buffer.from((await read.Body?.transformToByteArray()) ?? []))).toBe(md5(body));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'left' }));
    await s3.send(new UploadPartCommand({ Bucket, Key: 'left', UploadId, PartNumber: 2, Body: 'part' }));
    const parts = await s3.send(new ListPartsCommand({ Bucket, Key: 'left', UploadId }));
    expect(parts.Parts).toMatchObject([{ PartNumber: 2, Size: 4 }]);
    const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(uploads.Uploads).toMatchObject([{ Key: 'left', UploadId }]);
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'left', UploadId }));
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined();
  });

  it('copies, tags and deletes in bulk', async () => {
    await s3.send(
      new PutObjectCommand({ Bucket, Key: 'copy é', Body: 'copied', Tagging: 'a=1&b=2', Metadata: { kept: 'yes' } }),
    );
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copied', CopySource: `${Bucket}/copy%20%C3%A9` }));
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'copied' }))).Metadata).toEqual({ kept: 'yes' });
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'copied' }))).TagSet).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ]);
    const deleted = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'copied' }, { Key: 'never was' }] } }),
    );
    expect(deleted.Deleted?.map((row) => row.Key)).toEqual(['copied', 'never was']);
    await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'copied' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('keeps versions and delete markers', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'versioned' }));
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: 'versioned', VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const first = await s3.send(new PutObjectCommand({ Bucket: 'versioned', Key: 'k', Body: 'one' }));
    await s3.send(new PutObjectCommand({ Bucket: 'versioned', Key: 'k', Body: 'two' }));
    const gone = await s3.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'k' }));
    expect(gone.DeleteMarker).toBe(true);
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: 'versioned' }));
    expect([listed.Versions?.length, listed.DeleteMarkers?.length]).toEqual([2, 1]);
    const old = await s3.send(new GetObjectCommand({ Bucket: 'versioned', Key: 'k', VersionId: first.VersionId }));
    expect(await old.Body?.transformToString()).toBe('one');
    await s3.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'k', VersionId: gone.VersionId }));
    expect(
      await (await s3.send(new GetObjectCommand({ Bucket: 'versioned', Key: 'k' }))).Body?.transformToString(),
    ).toBe('two');
  });

  it('refuses a wrong secret, a wrong region and buckets that cannot be deleted', async () => {
    const stranger = clientOf(emulator, { ...emulator.account, secretKey: 'wrong' });
    await expect(stranger.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'BucketNotEmpty' });
    await expect(s3.send(new HeadBucketCommand({ Bucket: 'nowhere' }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('answers signed URLs until they expire, and browser forms within their policy', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'signed ü', Body: 'signed' }));
    const url = await getSignedUrl(
      s3,
      new GetObjectCommand({ Bucket, Key: 'signed ü', ResponseContentType: 'text/plain' }),
      { expiresIn: 60 },
    );
    const answer = await fetch(url);
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/plain', 'signed']);
    expect((await fetch(url.replace('signed%20', 'other%20'))).status).toBe(403);
    const form = await createPresignedPost(s3, {
      Bucket,
      Key: 'form/${filename}',
      Conditions: [
        ['content-length-range', 1, 10],
        ['starts-with', '$key', 'form/'],
      ],
    });
    const post = (content: string) => {
      const data = new FormData();
      for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
      data.append('file', new Blob([content]), 'f.txt');
      return fetch(form.url, { method: 'POST', body: data });
    };
    expect([(await post('small')).status, (await post('much too large')).status]).toEqual([204, 400]);
    expect(await (await s3.send(new GetObjectCommand({ Bucket, Key: 'form/f.txt' }))).Body?.transformToString()).toBe(
      'small',
    );
  });

  it('lets pages of an allowed origin in, and no others', async () => {
    const CORSRules = [
      {
        AllowedOrigins: ['https://*.example'],
        AllowedMethods: ['PUT'],
        AllowedHeaders: ['*'],
        ExposeHeaders: ['ETag'],
      },
    ];
    await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    const ask = (origin: string) =>
      fetch(`${emulator.endpoint}/${Bucket}/k`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'content-type' },
      });
    expect((await ask('https://app.example')).headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect((await ask('https://evil.test')).status).toBe(403);
  });
});

describe('refereed by minio', () => {
  it('is written, listed and read', async () => {
    const { accessKey, secretKey } = emulator.account;
    const minio = new MinioClient({
      endPoint: '127.0.0.1',
      port: emulator.port,
      useSSL: false,
      accessKey,
      secretKey,
      region: 'us-east-1',
    });
    await minio.makeBucket('by-minio');
    await minio.putObject('by-minio', 'dir/ä b.txt', Buffer.from('hello'), 5, { 'X-Amz-Meta-Colour': 'red' });
    const stat = await minio.statObject('by-minio', 'dir/ä b.txt');
    expect(stat).toMatchObject({ size: 5, metaData: { colour: 'red' } });
    const names: (string | undefined)[] = [];
    for await (const row of minio.listObjectsV2('by-minio', '', true)) names.push((row as { name?: string }).name);
    expect(names).toEqual(['dir/ä b.txt']);
    await minio.removeObjects('by-minio', ['dir/ä b.txt']);
    await minio.removeBucket('by-minio');
    expect(await minio.bucketExists('by-minio')).toBe(false);
  });
});

function md5(body: Buffer): string {
  return createHash('md5').update(body).digest('hex');
}
