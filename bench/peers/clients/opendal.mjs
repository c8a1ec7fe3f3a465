/**
 * opendal: Rust behind a native module. By default it signs `UNSIGNED-PAYLOAD`, sends no checksum on put and verifies none on get;
 * it compares the length. It lists into one array.
 */
import opendal from 'opendal';

export function open({ endpoint, bucket, region, accessKeyId, secretAccessKey }) {
  const operator = (name) =>
    new opendal.Operator('s3', {
      endpoint,
      bucket: name,
      region,
      access_key_id: accessKeyId,
      secret_access_key: secretAccessKey,
    });
  const main = operator(bucket);
  return {
    get: (key) => main.read(key),
    put: (key, bytes) => main.write(key, bytes),
    list: async (name) => (await operator(name).list('', { recursive: true })).length,
    stream: async (key) => (await main.reader(key)).createReadStream(),
    close: () => {},
  };
}
