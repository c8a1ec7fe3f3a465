/** Writes a long stream of unknown length and reads it back; prints what it took. */
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { createHost } from '@stowage/core/spi';
import { driver } from '../../src/index.js';

const [root, mebibytes] = process.argv.slice(2) as [string, string];
const local = driver.create({ root }, createHost());
const [ref, ctx] = [{ container: 'box', key: 'long' }, { attempt: 1 }];
let sent = 0;

/** Chunks of the size that files and sockets give. */
function* content(): Generator<Buffer> {
  for (let index = 0; index < Number(mebibytes) * 16; index++) {
    const chunk = Buffer.alloc(65_536, index);
    sent = crc32(chunk, sent);
    yield chunk;
  }
}

const startMs = performance.now();
const body = { size: undefined, replayable: false, open: () => Readable.from(content()) };
const { record } = await local.put(ref, body, {}, ctx);
const writtenMs = performance.now();
const { stream } = await local.read(ref, { want: 'stream' }, ctx);
let received = 0;
let bytes = 0;
for await (const chunk of stream as AsyncIterable<Buffer>) {
  received = crc32(chunk, received);
  bytes += chunk.length;
}
const facts = {
  bytes,
  same: received === sent && record.checksums?.crc32 === sent.toString(16).padStart(8, '0'),
  writeSeconds: (writtenMs - startMs) / 1000,
  readSeconds: (performance.now() - writtenMs) / 1000,
  // Kibibytes on Linux and macOS alike.
  peakMebibytes: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(JSON.stringify(facts));
