/**
 * FileStorage over @flystorage/aws-s3, that is over @aws-sdk/client-s3: a put goes through lib-storage's `Upload`, after the type
 * was guessed from the first bytes; reads are verified by the SDK.
 */
import { FileStorage } from '@flystorage/file-storage';
import { AwsS3StorageAdapter } from '@flystorage/aws-s3';
import { makeClient } from './aws-sdk.mjs';

export function open(target) {
  const client = makeClient(target);
  const storageOf = (bucket) => new FileStorage(new AwsS3StorageAdapter(client, { bucket }));
  const storage = storageOf(target.bucket);
  return {
    get: (key) => storage.readToUint8Array(key),
    put: (key, bytes) => storage.write(key, bytes),
    list: async (name) => {
      let count = 0;
      for await (const entry of storageOf(name).list('', { deep: true })) count += entry.isFile ? 1 : 0;
      return count;
    },
    stream: (key) => storage.read(key),
    close: () => client.destroy(),
  };
}
