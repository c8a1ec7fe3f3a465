import { digestOf, type UploadRef } from '@stowage/core/spi';
import type { RequestSummary } from '@stowage/emulators';
import { bytesBody } from '@stowage/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { ctx, type Lab, startLab } from './lab.js';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const container = 'bucket-1';
const ref = { container, key: 'k' };
const content = Buffer.alloc(600_001, 'content ');
const checksum = { algorithm: 'crc32c', value: digestOf('crc32c', content) } as const;
const isPut = ({ operation, method }: RequestSummary): boolean => operation === 'resumable.put' && method === 'PUT';

async function open(): Promise<Lab> {
  lab = await startLab('hmac', { uploads: 'session' });
  await lab.driver.createContainer(container, {}, ctx);
  return lab;
}

describe('a session', () => {
  it('whose last answer was lost is completed by the same call again, once', async () => {
    const { driver, emulator } = await open();
    const parts = driver.parts!;
    const upload = await parts.begin(ref, { metadata: { a: 'b' } }, ctx);
    const part = await parts.put(upload, { number: 1, offset: 0, last: true }, bytesBody(content), ctx);
    emulator.faults.add({ fault: { kind: 'reset', at: 'after-work' }, when: isPut, times: 1 });
    await expect(parts.complete(upload, [part], { checksum }, ctx)).rejects.toMatchObject({ retryable: true });
    const { record, verified } = await parts.complete(upload, [part], { checksum }, ctx);
    expect(verified).toBe('service');
    const { objects } = await driver.list(container, {}, ctx);
    expect(objects).toMatchObject([{ key: 'k', size: content.length, etag: record.etag }]);
    expect((await driver.read(ref, { want: 'bytes' }, ctx)).bytes?.equals(content)).toBe(true);
  });

  it('whose part was stored, but for the answer, takes the same part again without doubling it', async () => {
    const { driver, emulator } = await open();
    const parts = driver.parts!;
    const upload = await parts.begin(ref, {}, ctx);
    const put = () => parts.put(upload, { number: 1, offset: 0 }, bytesBody(content), ctx);
    emulator.faults.add({ fault: { kind: 'reset', at: 'after-work' }, when: isPut, times: 1 });
    await expect(put()).rejects.toMatchObject({ retryable: true });
    const part = await put();
    await parts.complete(upload, [part], { checksum }, ctx);
    expect((await driver.read(ref, { want: 'bytes' }, ctx)).bytes?.equals(content)).toBe(true);
  });

  it('of which the store lost bytes is not completed', async () => {
    const { driver } = await open();
    const parts = driver.parts!;
    const upload = await parts.begin(ref, {}, ctx);
    const part = { number: 1, size: content.length };
    await expect(parts.complete(upload, [part], {}, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(driver.stat(ref, {}, ctx)).rejects.toMatchObject({ code: 'object-not-found' });
  });

  it('that was cancelled is known to be gone, and cancelling it again is no failure', async () => {
    const { driver } = await open();
    const parts = driver.parts!;
    const upload = await parts.begin(ref, {}, ctx);
    await parts.abort(upload, ctx);
    await parts.abort(upload, ctx);
    await expect(parts.list(upload, {}, ctx)).rejects.toMatchObject({ code: 'upload-not-found' });
  });

  it.each(['https://evil.example/upload?upload_id=1', '/b/k?uploadId=1', '/b/k?upload_id=1\r\nx: y', ''])(
    'is never asked for at an address that is none: %j',
    async (uploadId) => {
      const { driver, emulator } = await open();
      emulator.forget();
      const upload: UploadRef = { ref, uploadId };
      await expect(driver.parts!.list(upload, {}, ctx)).rejects.toMatchObject({ code: 'invalid-argument' });
      expect(emulator.requests).toEqual([]);
    },
  );
});
