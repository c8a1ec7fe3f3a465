import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RequestSummary } from '@stowage/emulators';
import { bundlePrograms, type Programs } from '@stowage/test-servers';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { RESERVED_PREFIX } from '../src/keys.js';
import { ctx, startLab } from './lab.js';
import { sha256Of } from './processes/content.js';

const MIB = 1024 ** 2;
/** `STOWAGE_FULL_SCALE=1` streams a gibibyte. */
const IS_FULL = process.env['STOWAGE_FULL_SCALE'] === '1';
const SIZE = (IS_FULL ? 1024 : 48) * MIB;
const PART_SIZE = (IS_FULL ? 8 : 2) * MIB;
const PEAK_MEBIBYTES = 200;
const TIMEOUT_MS = IS_FULL ? 600_000 : 60_000;

interface Step {
  readonly token?: string;
  readonly receivedBytes?: number;
  readonly transferred?: number;
  readonly done?: boolean;
  readonly verified?: string;
  readonly sha256?: string;
  readonly peakMebibytes?: number;
}

let programs: Programs;
beforeAll(async () => {
  programs = await bundlePrograms(new URL('processes/', import.meta.url), 'stream');
}, 60_000);
afterAll(() => programs.remove());

async function startBox() {
  const lab = await startLab();
  onTestFinished(() => lab.close());
  await lab.driver.createContainer('box', {}, ctx);
  const { user, key, keyId } = lab.emulator.account;
  const settings = { endpoint: lab.emulator.endpoint, user, key, keyId: String(keyId) };
  return { lab, job: { settings, container: 'box', key: 'long/é', size: SIZE, partSize: PART_SIZE } };
}

function start(job: object): ChildProcess {
  const child = spawn(process.execPath, [programs.path('stream'), JSON.stringify(job)], {
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

async function lastStepOf(child: ChildProcess): Promise<Step> {
  let last: Step = {};
  for await (const step of stepsOf(child)) last = step;
  if (IS_FULL) process.stderr.write(`${JSON.stringify(last)}\n`);
  return last;
}

const isPart = ({ operation }: RequestSummary): boolean => operation === 'ArchivePart';
const numberOf = ({ target }: RequestSummary): number => Number(/conjoined_part=(\d+)/.exec(target)?.[1]);

it(
  `${String(SIZE / MIB)} MiB of unknown length go in and come back in less than ${String(PEAK_MEBIBYTES)} MiB of memory`,
  async () => {
    const { job } = await startBox();
    const { done, verified, sha256, peakMebibytes } = await lastStepOf(start(job));
    expect([done, verified, sha256]).toEqual([true, 'service', sha256Of(SIZE)]);
    expect(peakMebibytes).toBeLessThan(PEAK_MEBIBYTES);
  },
  TIMEOUT_MS,
);

it(
  'are gone on with by another process after a kill -9, and are in the store once',
  async () => {
    const { lab, job } = await startBox();
    const { emulator } = lab;
    if (!IS_FULL) emulator.faults.add({ fault: { kind: 'delay', delayMs: 30 }, when: isPart });
    const first = start(job);
    let token = '';
    for await (const step of stepsOf(first)) {
      token ||= step.token ?? '';
      if ((step.transferred ?? 0) >= SIZE / 2) first.kill('SIGKILL');
    }
    expect(first.signalCode).toBe('SIGKILL');
    const before = new Set(emulator.requests.filter(isPart).map(numberOf));
    expect(before.size).toBeLessThan(SIZE / PART_SIZE);

    emulator.forget();
    const { done, sha256, peakMebibytes } = await lastStepOf(start({ ...job, token }));
    expect([done, sha256]).toEqual([true, sha256Of(SIZE)]);
    expect(peakMebibytes).toBeLessThan(PEAK_MEBIBYTES);
    const again = new Set(emulator.requests.filter(isPart).map(numberOf));
    // Only what was under way when the process died is sent again.
    expect([...again].filter((number) => before.has(number)).length).toBeLessThanOrEqual(5);
    const box = emulator.store.collections.get('box')!;
    const visible = [...box.keys()].filter((key) => box.current(key));
    expect(visible.filter((key) => key.startsWith(RESERVED_PREFIX))).toEqual([]);
    expect(box.current(visible[0]!)!.size).toBe(SIZE);
  },
  TIMEOUT_MS,
);
