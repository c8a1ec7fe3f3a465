/** minio: signs the SHA-256 of the body on put (over http) and sends no other checksum; verifies nothing on get. */
import { buffer } from 'node:stream/consumers';
import { Client } from 'minio';

export function open({ endpoint, bucket, region, accessKeyId, secretAccessKey }) {
  const { hostname, port } = new URL(endpoint);
  const client = new Client({
    endPoint: hostname,
    port: Number(port),
    useSSL: false,
    region,
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
  });
  return {
    get: async (key) => buffer(await client.getObject(bucket, key)),
    put: (key, bytes) => client.putObject(bucket, key, bytes),
    list: async (name) => {
      let count = 0;
      for await (const item of client.listObjectsV2(name, '', true)) count += item.name === undefined ? 0 : 1;
      return count;
    },
    stream: (key) => client.getObject(bucket, key),
    close: () => {},
  };
}
