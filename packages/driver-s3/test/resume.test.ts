import { createHash } from 'node:crypto';
import type { RequestSummary } from '@stowage/emulators';
import { expect, it, onTestFinished } from 'vitest';
import { bundlePrograms } from '@stowage/test-servers';
import { ctx, startLab } from './lab.js';
import { startUploader, stepsOf, type UploadStep } from './uploader.js';

const MIB = 1024 ** 2;

it('is resumed by another process after a kill -9, sending at most one part twice', { timeout: 60_000 }, async () => {
  const lab = await startLab({ service: 'aws' });
  const programs = await bundlePrograms(new URL('processes/', import.meta.url), 'upload');
  onTestFinished(async () => {
    await lab.close();
    await programs.remove();
  });
  await lab.driver.createContainer('box', {}, ctx);
  const { endpoint, account } = lab.emulator;
  const settings = { endpoint, user: account.accessKey, key: account.secretKey, service: 'aws' };
  const job = { settings, container: 'box', key: 'large', size: 80 * MIB, partSize: 5 * MIB };
  const isPart = ({ operation }: RequestSummary): boolean => operation === 'UploadPart';
  lab.emulator.faults.add({ fault: { kind: 'delay', delayMs: 50 }, when: isPart });

  const first = startUploader(programs.path('upload'), job);
  let token = '';
  for await (const step of stepsOf(first)) {
    token ||= step.token ?? '';
    if ((step.transferred ?? 0) >= job.size / 2) first.kill('SIGKILL');
  }
  expect(first.signalCode).toBe('SIGKILL');
  const [upload] = lab.emulator.store.bucket('box').uploads.values();
  const stored = [...upload!.parts.keys()];
  expect(stored.length).toBeGreaterThanOrEqual(8);
  expect(stored.length).toBeLessThan(16);

  lab.emulator.forget();
  const steps: UploadStep[] = [];
  for await (const step of stepsOf(startUploader(programs.path('upload'), { ...job, token }))) steps.push(step);
  const sent = lab.emulator.requests.filter(isPart).map(({ target }) => Number(/partNumber=(\d+)/.exec(target)?.[1]));
  expect(sent.filter((number) => stored.includes(number)).length).toBeLessThanOrEqual(1);
  const { sha256 } = steps.at(-1)!;
  const { body } = lab.emulator.store.bucket('box').find('large', undefined);
  expect(body.length).toBe(job.size);
  expect(createHash('sha256').update(body).digest('hex')).toBe(sha256);
  expect([...lab.emulator.store.bucket('box').uploads]).toEqual([]);
});
