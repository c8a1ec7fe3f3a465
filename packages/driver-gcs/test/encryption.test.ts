import { bytesBody } from '@stowage/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { ctx, type Lab, type Mode, startLab } from './lab.js';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

const container = 'bucket-1';
const ref = { container, key: 'k' };
const customerKey = Buffer.alloc(32, 7).toString('base64');
const KMS = 'projects/p/locations/eu/keyRings/r/cryptoKeys/k';
const OTHER_KMS = 'projects/p/locations/eu/keyRings/r/cryptoKeys/other';

async function open(...args: Parameters<typeof startLab>): Promise<Lab> {
  lab = await startLab(...args);
  await lab.driver.createContainer(container, {}, ctx);
  return lab;
}

async function upload({ driver: { parts } }: Lab, key: string): Promise<void> {
  const begun = await parts!.begin({ container, key }, {}, ctx);
  const part = await parts!.put(begun, { number: 1, offset: 0, last: true }, bytesBody('in parts'), ctx);
  await parts!.list(begun, {}, ctx);
  await parts!.complete(begun, [part], {}, ctx);
}

describe.each<Mode>(['hmac', 'oauth'])('encryption, by %s', (mode) => {
  it.each(['multipart', 'session'])(
    'by the key of the customer goes with every call, with uploads by %s',
    async (uploads) => {
      const here = await open(mode, { customerKey, uploads });
      const { driver } = here;
      await driver.put(ref, bytesBody('secret'), {}, ctx);
      expect((await driver.read(ref, { want: 'bytes' }, ctx)).bytes?.toString()).toBe('secret');
      expect((await driver.stat(ref, {}, ctx)).checksums?.crc32c).toBeDefined();
      await driver.copy!.copy(ref, { container, key: 'copy' }, {}, ctx);
      await driver.gcs.compose({ container, key: 'composed' }, [{ key: 'k' }, { key: 'copy' }]);
      await driver.metadata?.update(ref, { metadata: { a: 'b' } }, ctx);
      await upload(here, 'parts');
      for (const key of ['copy', 'composed', 'parts']) await driver.read({ container, key }, { want: 'bytes' }, ctx);
      const stranger = here.openWith({ accessToken: here.emulator.issueToken() });
      for (const key of ['k', 'copy', 'composed', 'parts']) {
        const failure: unknown = await stranger
          .read({ container, key }, { want: 'bytes' }, ctx)
          .catch((error: unknown) => error);
        expect(failure, key).toMatchObject({ code: 'invalid-argument' });
        expect(String(failure)).not.toContain(customerKey);
      }
    },
  );

  it('by a key of Cloud KMS is that of the settings, unless a call names another', async () => {
    const here = await open(mode, { kmsKeyName: KMS });
    const { driver } = here;
    const keyOf = async (key: string): Promise<unknown> =>
      (await driver.stat({ container, key }, {}, ctx)).extra?.['kmsKeyName'];
    await driver.put(ref, bytesBody('x'), {}, ctx);
    await driver.put({ container, key: 'other' }, bytesBody('x'), { provider: { kmsKeyName: OTHER_KMS } }, ctx);
    await driver.copy!.copy(ref, { container, key: 'copy' }, {}, ctx);
    await driver.copy!.copy(ref, { container, key: 'other copy' }, { provider: { kmsKeyName: OTHER_KMS } }, ctx);
    await driver.gcs.compose({ container, key: 'composed' }, [{ key: 'k' }]);
    await upload(here, 'parts');
    for (const key of ['k', 'copy', 'composed', 'parts']) expect(await keyOf(key), key).toContain(`${KMS}/`);
    for (const key of ['other', 'other copy']) expect(await keyOf(key), key).toContain(`${OTHER_KMS}/`);
  });
});

it('cannot be asked for in the AWS dialect, which is said before any request', async () => {
  const { driver, emulator } = await open('hmac', { signature: 'aws4' });
  emulator.forget();
  const put = driver.put(ref, bytesBody('x'), { provider: { kmsKeyName: KMS } }, ctx);
  await expect(put).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('kmsKeyName') as string,
  });
  expect(emulator.requests).toEqual([]);
});
