/** Sends a long stream of unknown length through `save` and reads it back; prints what it took. */
import { createHash } from 'node:crypto';
import { driver } from '@stowage/driver-local';
import { createStorages } from '../../src/index.js';

const [root, mebibytes] = process.argv.slice(2) as [string, string];
const { default: store } = createStorages({
  LIBCLOUD_PROVIDERS: { default: { type: driver, user: root, bucket: 'bucket-1' } },
});

const sent = createHash('sha1');
/** Chunks of the size that files and sockets give. */
async function* content() {
  for (let index = 0; index < Number(mebibytes) * 16; index += 1) {
    const chunk = Buffer.alloc(65_536, index);
    sent.update(chunk);
    yield chunk;
  }
}

const startMs = performance.now();
const name = await store.save('long.bin', content());
const savedMs = performance.now();
const received = createHash('sha1');
let bytes = 0;
for await (const chunk of store.open(name).chunks()) {
  received.update(chunk);
  bytes += chunk.length;
}
const facts = {
  bytes,
  same: sent.digest('hex') === received.digest('hex'),
  saveSeconds: (savedMs - startMs) / 1_000,
  readSeconds: (performance.now() - savedMs) / 1_000,
  // Kibibytes on Linux and macOS alike.
  peakMebibytes: process.resourceUsage().maxRSS / 1_024,
};
process.stdout.write(JSON.stringify(facts));
