/** `Upload` of @aws-sdk/lib-storage: parts in parallel, a CRC32 (and the signed SHA-256) with each, a composite at the end. */
import { createReadStream } from 'node:fs';
import { Upload } from '@aws-sdk/lib-storage';
import { makeClient } from './aws-sdk.mjs';

export function open(target) {
  const client = makeClient(target);
  const upload = async (body, key, { partSize, concurrency }) => {
    const params = { Bucket: target.bucket, Key: key, Body: body };
    await new Upload({ client, params, partSize, queueSize: concurrency }).done();
  };
  return {
    uploadFile: (path, key, options) => upload(createReadStream(path), key, options),
    uploadStream: upload,
    close: () => client.destroy(),
  };
}
