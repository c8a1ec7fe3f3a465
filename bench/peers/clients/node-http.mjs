/** node:http with a keep-alive agent, no signature. Sends no checksum and verifies none. */
import { Agent, request } from 'node:http';

export function open({ endpoint, bucket }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const send = (method, key, body) =>
    new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-length': body.length };
      const outgoing = request(`${endpoint}/${bucket}/${key}`, { agent, method, headers }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          if (response.statusCode >= 300) reject(new Error(`status ${response.statusCode}`));
          else resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return {
    get: (key) => send('GET', key),
    put: (key, bytes) => send('PUT', key, bytes),
    close: () => agent.destroy(),
  };
}
