/** Saves one name many times into a local container, and prints the names that it got and what it stored under each. */
import { driver } from '@stowage/driver-local';
import { createStorages } from '../../src/index.js';

const [root, writer, saves] = process.argv.slice(2) as [string, string, string];
const { default: store } = createStorages({
  LIBCLOUD_PROVIDERS: { default: { type: driver, user: root, bucket: 'bucket-1', fsync: false } },
});

const stored: Record<string, string> = {};
for (let index = 0; index < Number(saves); index += 1) {
  const content = `writer ${writer} save ${index} `.repeat(200);
  stored[await store.save('photos/same name.txt', content)] = content.slice(0, 40);
}
process.stdout.write(JSON.stringify(stored));
