/** undici's `request`, no signature. Sends no checksum and verifies none. */
import { Pool } from 'undici';

export function open({ endpoint, bucket }) {
  const pool = new Pool(endpoint, { connections: 8, pipelining: 1 });
  const send = async (method, key, body) => {
    const response = await pool.request({ method, path: `/${bucket}/${key}`, body });
    if (response.statusCode >= 300) throw new Error(`status ${response.statusCode}`);
    return response.body;
  };
  return {
    get: async (key) => Buffer.from(await (await send('GET', key)).arrayBuffer()),
    put: async (key, bytes) => (await send('PUT', key, bytes)).dump(),
    stream: (key) => send('GET', key),
    close: () => pool.close(),
  };
}
