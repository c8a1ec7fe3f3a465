import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ requests: number, unexpected: string[], heads: Record<string, string> }} Seen
 * @typedef {{
 *   endpoint: string, slowEndpoint: string, takeSeen: () => Promise<Seen>, stop: () => void,
 * }} Responder `slowEndpoint` holds each connection to 90 MB/s; `takeSeen` tells what came since it was last asked
 */

/** Starts the responder and waits until it listens. @returns {Promise<Responder>} */
export async function startResponder() {
  const child = fork(fileURLToPath(new URL('process.mjs', import.meta.url)), { execArgv: [] });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the responder ended (${code})`);
  });
  exited.catch(() => {});
  const nextMessage = async () => (await Promise.race([once(child, 'message'), exited]))[0];
  const { port, slowPort } = await nextMessage();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    slowEndpoint: `http://127.0.0.1:${slowPort}`,
    takeSeen: async () => {
      child.send('seen');
      return (await nextMessage()).seen;
    },
    stop: () => child.disconnect(),
  };
}
