/**
 * @aws-sdk/client-s3 as it comes: a CRC32 and the signed SHA-256 of the body with every put; on get it asks for the checksum and
 * verifies it while it reads.
 */
import { pipeline } from 'node:stream/promises';
import { createWriteStream } from 'node:fs';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

export function makeClient({ endpoint, region, accessKeyId, secretAccessKey }) {
  return new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
}

export function open(target) {
  const client = makeClient(target);
  const { bucket } = target;
  const stream = async (key) => (await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))).Body;
  return {
    get: async (key) => (await stream(key)).transformToByteArray(),
    put: (key, bytes) => client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes })),
    list: async (name) => {
      let count = 0;
      let token;
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket: name, ContinuationToken: token }));
        for (const entry of page.Contents ?? []) count += entry.Key === undefined ? 0 : 1;
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return count;
    },
    stream,
    download: async (key, path) => pipeline(await stream(key), createWriteStream(path)),
    close: () => client.destroy(),
  };
}
