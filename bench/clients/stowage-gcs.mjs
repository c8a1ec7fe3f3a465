/**
 * Stowage's portable API over its driver of Google Cloud Storage, with an HMAC key: a CRC-32C with every put, compared by the store;
 * length and CRC-32C verified on every get.
 */
import { openStorage } from '@stowage/core';

/** @param {import('../src/rounds.mjs').Target} target @param {Readonly<Record<string, unknown>>} credentials */
export function openWith({ endpoint, bucket }, credentials) {
  const storage = openStorage({ type: 'gcs', endpoint, ...credentials }, { resolveFrom: import.meta.url });
  const container = storage.container(bucket);
  return {
    get: (/** @type {string} */ key) => container.object(key).bytes(),
    put: (/** @type {string} */ key, /** @type {Buffer} */ bytes) => container.put(key, bytes),
    head: (/** @type {string} */ key) => container.object(key).stat(),
    remove: (/** @type {string} */ key) => container.deleteObject(key),
    list: async (/** @type {string} */ name) => {
      let count = 0;
      for await (const each of storage.container(name).iterateObjects()) count += each.key === '' ? 0 : 1;
      return count;
    },
    close: () => storage.close(),
  };
}

/** @param {import('../src/rounds.mjs').Target} target */
export function open(target) {
  return openWith(target, { user: target.accessKeyId, key: target.secretAccessKey });
}
