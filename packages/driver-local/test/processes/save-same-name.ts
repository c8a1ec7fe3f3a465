/** Saves one name many times by create-only puts, under another name when there is one; prints the keys and what it stored. */
import { Readable } from 'node:stream';
import { createHost, isStorageError } from '@stowage/core/spi';
import { driver } from '../../src/index.js';

const [root, writer, saves] = process.argv.slice(2) as [string, string, string];
const local = driver.create({ root, fsync: false }, createHost());
const ctx = { attempt: 1 };
const stored: Record<string, string> = {};

/** Names below this one are taken. */
let number = 0;

async function save(content: string): Promise<string> {
  const bytes = Buffer.from(content);
  const body = { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes]) };
  for (; ; number++) {
    const key = number === 0 ? 'photos/name.txt' : `photos/name_${number}.txt`;
    try {
      const attributes = { metadata: { writer }, ifNoneMatch: '*' } as const;
      await local.put({ container: 'box', key }, body, attributes, ctx);
      return key;
    } catch (error) {
      if (!isStorageError(error, 'object-exists')) throw error;
    }
  }
}

for (let index = 0; index < Number(saves); index++) {
  const content = `writer ${writer} save ${index} `.repeat(200);
  stored[await save(content)] = content;
}
process.stdout.write(JSON.stringify(stored));
