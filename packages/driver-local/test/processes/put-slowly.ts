/** Writes one object of many megabytes again and again; whoever started it kills it. Prints a line for each chunk and each put. */
import { Readable } from 'node:stream';
import { createHost } from '@stowage/core/spi';
import { driver } from '../../src/index.js';

const [root, mebibytes] = process.argv.slice(2) as [string, string];
const local = driver.create({ root }, createHost());
const size = Number(mebibytes) << 20;

function* content(): Generator<Buffer> {
  for (let sent = 0; sent < size; sent += 65_536) {
    if (sent % (1 << 20) === 0) process.stdout.write('.');
    yield Buffer.alloc(65_536, 'new');
  }
}

for (;;) {
  const body = { size, replayable: false, open: () => Readable.from(content()) };
  await local.put({ container: 'box', key: 'deep/object' }, body, { metadata: { version: 'new' } }, { attempt: 1 });
  process.stdout.write('!');
}
