/**
 * Our transport and signer alone, as a driver uses them: what the portable API costs is the difference to `stowage`. Signs the
 * SHA-256 of the body on put and verifies nothing on get.
 */
import { createHost } from '@stowage/core/spi';
import { AWS4, createTransport, EMPTY_SHA256, sha256OfBytes, Signer, signHeaders } from '@stowage/http';

/** @param {import('../src/rounds.mjs').Target} target */
export function open({ endpoint, bucket, region, accessKeyId, secretAccessKey }) {
  const host = createHost();
  const transport = createTransport(host);
  const signer = new Signer({ scheme: AWS4, region, service: 's3' });
  const keys = { accessKeyId, secretAccessKey };
  const ctx = { attempt: 1 };
  /** @param {string} method @param {string} key @param {'bytes' | 'stream'} want @param {Buffer} [body] */
  const send = async (method, key, want, body) => {
    /** @type {string[]} */
    const headers = [];
    const request = { method, origin: endpoint, path: `/${bucket}/${key}`, headers, body, want };
    signHeaders(signer, request, body ? sha256OfBytes(body) : EMPTY_SHA256, keys, host.nowMs());
    const response = await transport.send(request, ctx);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response;
  };
  return {
    get: async (/** @type {string} */ key) => (await send('GET', key, 'bytes')).bytes,
    put: (/** @type {string} */ key, /** @type {Buffer} */ bytes) => send('PUT', key, 'bytes', bytes),
    stream: async (/** @type {string} */ key) => (await send('GET', key, 'stream')).stream,
    close: () => transport.close(),
  };
}
