/** Does all that has nothing to do with the vendor's SDK; prints what it read. Arguments: endpoint, user, key. */
import { Readable } from 'node:stream';
import { createHost, type PutBody } from '@stowage/core/spi';
import { driver } from '../../src/index.js';

const [endpoint, user, key] = process.argv.slice(2) as [string, string, string];
const gcs = driver.create({ endpoint, user, key }, createHost());
const ctx = { attempt: 1 };
const ref = { container: 'bucket-1', key: 'without-sdk' };

function bodyOf(text: string): PutBody {
  const bytes = Buffer.from(text);
  return { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes]) };
}

await gcs.put(ref, bodyOf('content'), {}, ctx);
await gcs.stat(ref, {}, ctx);
const { bytes } = await gcs.read(ref, { want: 'bytes' }, ctx);
const { objects } = await gcs.list('bucket-1', {}, ctx);
await gcs.copy?.copy(ref, { ...ref, key: 'copy' }, {}, ctx);
const upload = await gcs.parts?.begin({ ...ref, key: 'parts' }, {}, ctx);
const part = upload && (await gcs.parts?.put(upload, { number: 1, offset: 0 }, bodyOf('part'), ctx));
if (upload && part) await gcs.parts?.complete(upload, [part], {}, ctx);
const signed = await gcs.urls?.sign(ref, { method: 'GET', expiresInSeconds: 60 }, ctx);
const extra = ['copy', 'parts'].map((name) => ({ ...ref, key: name }));
await gcs.bulkDelete?.delete(extra, {}, ctx);
await gcs.delete(ref, {}, ctx);
// The same SDK and authentication, asked for by credentials that need them.
const other = driver.create({ endpoint, metadataServer: true }, createHost());
const codes = await Promise.all(
  [other.sdk?.(), other.stat(ref, {}, ctx)].map((work) =>
    Promise.resolve(work).then(
      () => 'loaded',
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    ),
  ),
);
await gcs.close?.();
await other.close?.();
const keys = objects.map((object) => object.key);
process.stdout.write(JSON.stringify({ text: bytes?.toString(), keys, signed: signed?.url, codes }));
