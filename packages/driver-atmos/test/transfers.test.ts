import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RequestSummary } from '@stowage/emulators';
import { bundlePrograms, type Programs } from '@stowage/test-servers';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { ctx, type Lab, startLab } from './lab.js';

const MIB = 1024 ** 2;
const IS_FULL = process.env['STOWAGE_FULL_SCALE'] === '1';
/** 1 GiB and a bit. */
const SIZE = (IS_FULL ? 1024 : 72) * MIB + 12_345;
const PART = 8 * MIB;
const TIMEOUT_MS = 300_000;

interface Step {
  readonly token?: string;
  readonly receivedBytes?: number;
  readonly transferred?: number;
  readonly done?: boolean;
  readonly sha256?: string;
}

let programs: Programs;
beforeAll(async () => {
  programs = await bundlePrograms(new URL('processes/', import.meta.url), 'transfer');
}, TIMEOUT_MS);
afterAll(() => programs.remove());

async function openLab(): Promise<Lab & { readonly settings: object }> {
  const lab = await startLab();
  onTestFinished(() => lab.close());
  await lab.driver.createContainer('box', {}, ctx);
  const { endpoint, account } = lab.emulator;
  return { ...lab, settings: { endpoint, user: account.uid, key: account.secret } };
}

it('sends and reads a large stream of unknown length in bounded memory', { timeout: TIMEOUT_MS }, async () => {
  const { settings, driver } = await openLab();
  const job = { settings, key: 'videos/large', size: SIZE, partSize: PART, roundTrip: true };
  const [told] = await all(start(job));
  expect(told).toMatchObject({ size: SIZE, whole: true, verified: 'client' });
  if (IS_FULL) process.stderr.write(`${JSON.stringify(told)}\n`);
  expect((told as { rssMiB: number }).rssMiB).toBeLessThan(220);
  expect((await driver.stat({ container: 'box', key: 'videos/large' }, {}, ctx)).size).toBe(SIZE);
});

it(
  'is resumed by another process after a kill -9, sending at most one part twice',
  { timeout: TIMEOUT_MS },
  async () => {
    const { settings, driver, emulator } = await openLab();
    const job = { settings, key: 'large', size: SIZE, partSize: PART };
    const isPart = ({ operation, method }: RequestSummary): boolean => operation === 'UpdateObject' && method === 'PUT';
    emulator.faults.add({ fault: { kind: 'delay', delayMs: 30 }, when: isPart });

    const first = start(job);
    let token = '';
    for await (const step of stepsOf(first)) {
      token ||= step.token ?? '';
      if ((step.transferred ?? 0) >= SIZE / 2) first.kill('SIGKILL');
    }
    expect(first.signalCode).toBe('SIGKILL');
    const ref = { container: 'box', key: 'large' };
    await expect(driver.stat(ref, {}, ctx)).rejects.toMatchObject({ code: 'object-not-found' });

    emulator.forget();
    const steps = await all(start({ ...job, token }));
    const received = steps[0]?.receivedBytes ?? 0;
    expect(received).toBeGreaterThanOrEqual(SIZE / 2 - PART);
    expect(emulator.requests.filter(isPart)).toHaveLength(Math.ceil((SIZE - received) / PART));
    const read = await driver.read(ref, { want: 'stream' }, ctx);
    const hash = createHash('sha256');
    for await (const chunk of read.stream!) hash.update(chunk as Buffer);
    expect(hash.digest('hex')).toBe(steps.at(-1)?.sha256);
    expect((await driver.parts!.listUploads('box', {}, ctx)).uploads).toEqual([]);
  },
);

function start(job: object): ChildProcess {
  const child = spawn(process.execPath, [programs.path('transfer'), JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function* stepsOf(child: ChildProcess): AsyncGenerator<Step> {
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout! })) yield JSON.parse(line) as Step;
  await exited;
}

async function all(child: ChildProcess): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const step of stepsOf(child)) steps.push(step);
  return steps;
}
