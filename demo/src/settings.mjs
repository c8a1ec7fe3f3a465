import { join } from 'node:path';

const Provider = (/** @type {string} */ name) => `libcloud.storage.types.Provider.${name}`;

/**
 * Settings as a Django project has them, `LIBCLOUD_PROVIDERS` word for word. Only the two local ones are used here: the others
 * show that the same settings lead to any store.
 * @param {string} folder
 * @param {string} servedAt Where the demo serves the folder.
 */
export function djangoSettings(folder, servedAt) {
  return {
    DEFAULT_LIBCLOUD_PROVIDER: 'local_1',
    DEFAULT_FILE_STORAGE: 'storages.backends.apache_libcloud.LibCloudStorage',
    LIBCLOUD_PROVIDERS: {
      local_1: {
        type: Provider('LOCAL'),
        user: join(folder, 'local_1'),
        key: 'a secret that signs links',
        bucket: 'bucket-1',
        base_url: servedAt,
      },
      local_2: { type: Provider('LOCAL'), user: join(folder, 'local_2'), key: '', bucket: 'bucket-2' },
      amazon_1: { type: Provider('S3_US_STANDARD_HOST'), user: 'AKIA...', key: '...', bucket: 'bucket-1' },
      amazon_2: { type: Provider('S3_EU_WEST_HOST'), user: 'AKIA...', key: '...', bucket: 'bucket-2' },
      google: { type: Provider('GOOGLE_STORAGE'), user: 'GOOG...', key: '...', bucket: 'bucket-1' },
      nimbus: { type: Provider('NIMBUS'), user: 'alice', key: '...', bucket: 'bucket-1' },
      ninefold: { type: Provider('NINEFOLD'), user: 'token', key: '...', bucket: 'bucket-1' },
      rackspace_us: { type: Provider('CLOUDFIULES_US'), user: 'alice', key: '...', bucket: 'bucket-1' },
      rackspace_uk: { type: Provider('CLOUDFIULES_UK'), user: 'alice', key: '...', bucket: 'bucket-1' },
    },
  };
}
