/**
 * Stowage's portable API over its S3 driver, as a user opens it for Amazon's service: a CRC32 with every put, compared by the store;
 * length and checksum verified on every get.
 */
import { fileSource, openStorage } from '@stowage/core';
import { portable } from './portable.mjs';

/**
 * @typedef {import('../src/rounds.mjs').Target} Target
 * @typedef {{ partSize: number, concurrency: number }} Parts
 */

/** @param {Target} target */
export function open({ endpoint, bucket, region, accessKeyId, secretAccessKey }) {
  const storage = openStorage(
    { type: 's3', endpoint, region, service: 'aws', user: accessKeyId, key: secretAccessKey },
    { resolveFrom: import.meta.url },
  );
  const container = storage.container(bucket);
  const object = (/** @type {string} */ key) => container.object(key);
  return {
    ...portable(storage, bucket),
    stream: (/** @type {string} */ key) => object(key).stream(),
    download: (/** @type {string} */ key, /** @type {string} */ path) => object(key).download(path),
    uploadFile: (/** @type {string} */ path, /** @type {string} */ key, /** @type {Parts} */ parts) =>
      container.put(key, fileSource(path), parts),
    uploadStream: (
      /** @type {import('node:stream').Readable} */ body,
      /** @type {string} */ key,
      /** @type {Parts} */ parts,
    ) => container.put(key, body, parts),
  };
}
