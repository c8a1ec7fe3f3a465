/**
 * Who is measured, at what. To add a library: pin it in `peers/package.json`, write `peers/clients/<name>.mjs`, add a row here, and
 * its goal in `goals.mjs`.
 */

/**
 * @typedef {'get' | 'put' | 'head' | 'delete' | 'list' | 'stream' | 'download' | 'upload' | 'upload-stream' | 'cold'} Op
 * @typedef {{ name: string, file: string, isPeer: boolean, ops: readonly Op[] }} Client
 */

/** @param {string} name @param {string} file @param {readonly Op[]} ops @returns {Client} */
function peer(name, file, ops) {
  return { name, file: new URL(`../peers/clients/${file}.mjs`, import.meta.url).href, isPeer: true, ops };
}

/** @param {string} name @param {string} file @param {readonly Op[]} ops @returns {Client} */
function ours(name, file, ops) {
  return { name, file: new URL(`../clients/${file}.mjs`, import.meta.url).href, isPeer: false, ops };
}

/** @type {readonly Client[]} */
export const clients = [
  ours('stowage', 'stowage', [
    'get',
    'put',
    'head',
    'delete',
    'list',
    'stream',
    'download',
    'upload',
    'upload-stream',
    'cold',
  ]),
  ours('stowage-http', 'stowage-http', ['get', 'put', 'stream']),
  peer('undici-dispatch', 'undici-dispatch', ['get', 'put', 'cold']),
  peer('undici-request', 'undici-request', ['get', 'put', 'stream']),
  peer('node-http', 'node-http', ['get', 'put', 'cold']),
  peer('opendal', 'opendal', ['get', 'put', 'list', 'stream', 'cold']),
  peer('minio', 'minio', ['get', 'put', 'list', 'stream', 'cold']),
  peer('s3mini', 's3mini', ['get', 'put', 'stream', 'cold']),
  peer('aws4fetch', 'aws4fetch', ['get', 'put', 'cold']),
  peer('aws-sdk', 'aws-sdk', ['get', 'put', 'list', 'stream', 'download', 'cold']),
  peer('aws-lib-storage', 'aws-lib-storage', ['upload', 'upload-stream']),
  peer('flystorage', 'flystorage', ['get', 'put', 'list', 'stream', 'cold']),
  peer('flydrive', 'flydrive', ['get', 'put', 'stream', 'cold']),
  ours('stowage-gcs', 'stowage-gcs', ['get', 'put', 'head', 'delete', 'list', 'cold']),
  ours('stowage-gcs-oauth', 'stowage-gcs-oauth', ['get', 'put', 'list']),
  ours('stowage-swift', 'stowage-swift', ['get', 'put', 'head', 'delete', 'list']),
  ours('stowage-atmos', 'stowage-atmos', ['get', 'put', 'head', 'delete']),
  ours('stowage-nimbus', 'stowage-nimbus', ['get', 'put', 'head', 'delete']),
  peer('google-cloud', 'google-cloud', ['get', 'put', 'list', 'cold']),
];

/** @param {Op} op @returns {readonly Client[]} */
export function clientsFor(op) {
  return clients.filter(({ ops }) => ops.includes(op));
}
