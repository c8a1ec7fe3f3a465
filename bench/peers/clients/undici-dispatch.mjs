/**
 * undici's `dispatch`, body bytes collected, no signature: the floor, below which no client on undici can get.
 * Sends no checksum and verifies none.
 */
import { Pool } from 'undici';

class Collector {
  #chunks = [];
  #resolve;
  #reject;

  constructor(resolve, reject) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onConnect() {}

  onHeaders(status) {
    if (status >= 300) throw new Error(`status ${status}`);
    return true;
  }

  onData(chunk) {
    this.#chunks.push(chunk);
    return true;
  }

  onComplete() {
    const chunks = this.#chunks;
    this.#resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  }

  onError(error) {
    this.#reject(error);
  }
}

export function open({ endpoint, bucket }) {
  const pool = new Pool(endpoint, { connections: 8, pipelining: 1 });
  const send = (method, key, headers, body) =>
    new Promise((resolve, reject) => {
      pool.dispatch({ method, path: `/${bucket}/${key}`, headers, body }, new Collector(resolve, reject));
    });
  return {
    get: (key) => send('GET', key, [], undefined),
    put: (key, bytes) => send('PUT', key, [], bytes),
    close: () => pool.close(),
  };
}
