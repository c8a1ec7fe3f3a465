/**
 * The responder: a process of its own that answers in S3's protocol, from memory, as fast as it can. It checks no signatures, for
 * that is the work of the server; the emulator and real servers do. Started by `start.mjs`.
 */
import { createServer } from 'node:net';
import { Connection } from './connection.mjs';
import { digestOf } from './content.mjs';
import { Pace } from './pace.mjs';
import { forgetSeen, seen } from './routes.mjs';

/** Amazon gives about so much to one connection. */
const SLOW_BYTES_PER_SECOND = 90_000_000;
const GIBIBYTE = 1_073_741_824;

/** @param {number | undefined} bytesPerSecond @returns {Promise<number>} the port */
function listen(bytesPerSecond) {
  const server = createServer((socket) => {
    new Connection(socket, bytesPerSecond === undefined ? undefined : new Pace(bytesPerSecond));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', 1024, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

// A client would otherwise wait for it while it is measured.
digestOf('crc32', 0, GIBIBYTE);

process.on('message', (message) => {
  if (message === 'seen') process.send?.({ seen });
  forgetSeen();
});
process.once('disconnect', () => process.exit());
process.send?.({ port: await listen(undefined), slowPort: await listen(SLOW_BYTES_PER_SECOND) });
