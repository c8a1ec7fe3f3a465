import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Container, openStorage, type Storage } from '@stowage/core';
import { createHost } from '@stowage/core/spi';
import { bundlePrograms, CEPH, type CephFacts, describeLive, launchCeph, type Launched } from '@stowage/test-servers';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { driver } from '../src/index.js';
import { startUploader, stepsOf, type UploadStep } from './uploader.js';

const MIB = 1024 ** 2;
const IS_FULL = process.env['STOWAGE_FULL_SCALE'] === '1';
/** 5 GB in parts of 16 MiB, or as many as are quick. */
const PART = IS_FULL ? 16 * MIB : 5 * MIB;
const SIZE = IS_FULL ? 5_000_000_000 : 100 * MIB + 12_345;

describeLive("uploads in parts to Ceph's gateway", CEPH, () => {
  let server: Launched<CephFacts>;
  let storage: Storage;
  let settings: object;
  beforeAll(async () => {
    server = await launchCeph();
    const { s3Endpoint: endpoint, accessKey: user, secretKey: key } = server.facts;
    settings = { endpoint, user, key, service: 'ceph', region: 'default' };
    storage = openStorage(driver, { ...settings, locationConstraint: '' });
  }, 300_000);
  afterAll(async () => {
    await storage.close();
    await server.stop();
  });

  /** Numbers of the parts that the store holds of the only upload that is under way. */
  async function storedParts(box: Container): Promise<number[]> {
    const direct = driver.create({ ...settings, locationConstraint: '' }, createHost());
    const ctx = { attempt: 1 };
    const { uploads } = await direct.parts!.listUploads(box.name, {}, ctx);
    expect(uploads).toHaveLength(1);
    const numbers: number[] = [];
    let token: string | undefined;
    do {
      const page = await direct.parts!.list(uploads[0]!, { token }, ctx);
      numbers.push(...page.parts.map(({ number }) => number));
      token = page.next;
    } while (token !== undefined);
    await direct.close?.();
    return numbers;
  }

  it(
    'are resumed by another process after a kill -9, sending at most one part twice',
    { timeout: 1_800_000 },
    async () => {
      const box = await storage.createContainer('resumed');
      const programs = await bundlePrograms(new URL('processes/', import.meta.url), 'upload');
      onTestFinished(() => programs.remove());
      const job = { settings, container: box.name, key: 'large', size: SIZE, partSize: PART };
      const first = startUploader(programs.path('upload'), job);
      let token = '';
      for await (const step of stepsOf(first)) {
        token ||= step.token ?? '';
        if ((step.transferred ?? 0) >= SIZE / 2) first.kill('SIGKILL');
      }
      expect(first.signalCode).toBe('SIGKILL');
      const stored = await storedParts(box);
      expect(stored.length).toBeGreaterThanOrEqual(SIZE / PART / 2 - 4);
      expect(stored.length).toBeLessThan(SIZE / PART);

      const steps: UploadStep[] = [];
      for await (const step of stepsOf(startUploader(programs.path('upload'), { ...job, token }))) steps.push(step);
      const { sent, sha256 } = steps.at(-1)!;
      expect(sent!.filter((number) => stored.includes(number)).length).toBeLessThanOrEqual(1);
      expect(stored.length + sent!.length).toBeGreaterThanOrEqual(Math.ceil(SIZE / PART));

      const hash = createHash('sha256');
      for await (const chunk of await box.object('large').stream()) hash.update(chunk as Buffer);
      expect(hash.digest('hex')).toBe(sha256);
      await box.deletePrefix('');
      await box.delete();
    },
  );

  it('that a signal ends leave no parts behind', { timeout: 120_000 }, async () => {
    const box = await storage.createContainer('aborted');
    const controller = new AbortController();
    const onProgress = ({ transferred }: { readonly transferred: number }): void => {
      if (transferred > 0) controller.abort();
    };
    const blocks = Readable.from(Array.from({ length: 40 }, (_, index) => Buffer.alloc(MIB, index)));
    const putting = box.put('large', blocks, { partSize: 5 * MIB, signal: controller.signal, onProgress });
    await expect(putting).rejects.toMatchObject({ code: 'aborted' });
    const left = [];
    for await (const upload of box.listUploads()) left.push(upload);
    expect(left).toEqual([]);
    expect(await box.listObjects()).toEqual([]);
    await box.delete();
  });
});
