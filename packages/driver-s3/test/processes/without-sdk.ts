/** Does all that has nothing to do with the vendor's SDK; prints what it read. Arguments: endpoint, user, key. */
import { createHost, type PutBody } from '@stowage/core/spi';
import { Readable } from 'node:stream';
import { driver } from '../../src/index.js';

const [endpoint, user, key] = process.argv.slice(2) as [string, string, string];
const s3 = driver.create({ endpoint, user, key, service: 'aws' }, createHost());
const ctx = { attempt: 1 };
const ref = { container: 'bucket-1', key: 'without-sdk' };

function bodyOf(text: string): PutBody {
  const bytes = Buffer.from(text);
  return { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes]) };
}

await s3.put(ref, bodyOf('content'), {}, ctx);
await s3.stat(ref, {}, ctx);
const { bytes } = await s3.read(ref, { want: 'bytes' }, ctx);
const { objects } = await s3.list('bucket-1', {}, ctx);
await s3.copy?.copy(ref, { ...ref, key: 'copy' }, {}, ctx);
const upload = await s3.parts?.begin({ ...ref, key: 'parts' }, {}, ctx);
const part = upload && (await s3.parts?.put(upload, { number: 1, offset: 0 }, bodyOf('part'), ctx));
if (upload && part) await s3.parts?.complete(upload, [part], {}, ctx);
const signed = await s3.urls?.sign(ref, { method: 'GET', expiresInSeconds: 60 }, ctx);
await s3.bulkDelete?.delete(
  [
    { ...ref, key: 'copy' },
    { ...ref, key: 'parts' },
  ],
  {},
  ctx,
);
await s3.delete(ref, {}, ctx);
const sdk = await s3.sdk?.().then(
  () => 'loaded',
  (error: unknown) => (error as NodeJS.ErrnoException).code,
);
await s3.close?.();
process.stdout.write(
  JSON.stringify({ text: bytes?.toString(), keys: objects.map((object) => object.key), signed: signed?.url, sdk }),
);
