/** flydrive's Disk over its S3 driver, that is over @aws-sdk/client-s3, whose checksums it inherits; ACLs are off. */
import { Disk } from 'flydrive';
import { S3Driver } from 'flydrive/drivers/s3';
import { makeClient } from './aws-sdk.mjs';

export function open(target) {
  const client = makeClient(target);
  const disk = new Disk(new S3Driver({ client, bucket: target.bucket, visibility: 'private', supportsACL: false }));
  return {
    get: (key) => disk.getBytes(key),
    put: (key, bytes) => disk.put(key, bytes),
    stream: (key) => disk.getStream(key),
    close: () => client.destroy(),
  };
}
