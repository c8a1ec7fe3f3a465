/** The operations of the measurements, through Stowage's portable API: the same for every driver. */

/** @param {import('@stowage/core').Storage} storage @param {string} bucket */
export function portable(storage, bucket) {
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
