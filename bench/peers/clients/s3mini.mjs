/** s3mini, on fetch: signs `UNSIGNED-PAYLOAD`, sends no checksum and verifies none. */
import { Readable } from 'node:stream';
import { S3mini } from 's3mini';

export function open({ endpoint, bucket, region, accessKeyId, secretAccessKey }) {
  const client = new S3mini({ endpoint: `${endpoint}/${bucket}`, region, accessKeyId, secretAccessKey });
  return {
    get: async (key) => Buffer.from(await client.getObjectArrayBuffer(key)),
    put: (key, bytes) => client.putObject(key, bytes),
    stream: async (key) => Readable.fromWeb((await client.getObjectResponse(key)).body),
    close: () => {},
  };
}
