import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RequestSummary } from '@stowage/emulators';
import { bundlePrograms, type Programs } from '@stowage/test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { credentialsOf, ctx, type Lab, type Mode, startLab } from './lab.js';

const MIB = 1024 ** 2;
const isFull = process.env['STOWAGE_FULL_SCALE'] === '1';
const container = 'bucket-1';
const INTERRUPTIONS = 10;
/** A process that keeps nothing but the parts that it sends. */
const MAX_RSS_BYTES = 250 * MIB;

interface Step {
  readonly token?: string;
  readonly receivedBytes?: number;
  readonly transferred?: number;
  readonly failed?: string;
  readonly done?: boolean;
  readonly crc32c?: string;
  readonly peakRssBytes?: number;
}

let programs: Programs;
beforeAll(async () => {
  programs = await bundlePrograms(new URL('processes/', import.meta.url), 'upload');
}, 120_000);
afterAll(() => programs.remove());

interface Way {
  readonly name: string;
  readonly mode: Mode;
  readonly uploads: 'session' | 'multipart';
  readonly partSize: number;
  readonly size: number;
}

const WAYS: readonly Way[] = [
  {
    ...{ name: 'in a session', mode: 'hmac', uploads: 'session', partSize: isFull ? 8 * MIB : MIB },
    size: isFull ? 1024 * MIB : 24 * MIB + 777,
  },
  {
    ...{ name: 'in parts', mode: 'hmac', uploads: 'multipart', partSize: isFull ? 8 * MIB : 5 * MIB },
    size: isFull ? 1024 * MIB : 70 * MIB + 777,
  },
];

/** A reproducible sequence of numbers from 0 to 1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe.each(WAYS)('an upload $name', ({ mode, uploads, partSize, size }) => {
  it(
    'that breaks off ten times, once by kill -9, is completed by its token in other processes',
    { timeout: isFull ? 900_000 : 180_000 },
    async () => {
      const lab = await startLab(mode);
      onTestFinished(() => lab.close());
      await lab.driver.createContainer(container, {}, ctx);
      const settings = { endpoint: lab.emulator.endpoint, ...credentialsOf(lab.emulator, mode), uploads };
      const job = { settings, container, key: 'large', size, partSize };
      const next = random(20_261_126);
      // The interruptions lie anywhere in the file, and the last one before its end.
      const partsBetween = Math.max(2, Math.floor(size / partSize / INTERRUPTIONS));
      let token: string | undefined;
      let last: Step = {};
      const receivedBytes: number[] = [];
      for (let interruption = 0; interruption < INTERRUPTIONS; interruption += 1) {
        const isKill = interruption === 4;
        // The first request to a session asks only how far it came.
        const before = uploads === 'session' ? 1 : 0;
        if (!isKill) cutOnce(lab, Math.floor(next() * partSize), before + Math.floor(next() * partsBetween));
        const child = start({ ...job, ...(token !== undefined && { token }) });
        for await (const step of stepsOf(child)) {
          token ??= step.token;
          if (step.receivedBytes !== undefined) receivedBytes.push(step.receivedBytes);
          if (isKill && (step.transferred ?? 0) > (receivedBytes.at(-1) ?? 0)) child.kill('SIGKILL');
          last = step;
        }
        expect([child.signalCode, child.exitCode]).toEqual(isKill ? ['SIGKILL', null] : [null, 3]);
        lab.emulator.faults.clear();
      }
      expect(receivedBytes).toEqual([...receivedBytes].sort((a, b) => a - b));
      for await (const step of stepsOf(start({ ...job, token: token! }))) last = step;
      expect(last.done).toBe(true);
      expect(last.peakRssBytes).toBeLessThan(MAX_RSS_BYTES);
      const record = await lab.driver.stat({ container, key: 'large' }, {}, ctx);
      expect(record).toMatchObject({ size, checksums: { crc32c: last.crc32c } });
    },
  );
});

/** Breaks the connection in the middle of the body of a part, after `before` others. */
function cutOnce(lab: Lab, afterBytes: number, before: number): void {
  let parts = 0;
  const isPart = ({ operation, method }: RequestSummary): boolean =>
    method === 'PUT' && (operation === 'resumable.put' || operation === 'UploadPart');
  const when = (request: RequestSummary): boolean => isPart(request) && (parts += 1) > before;
  lab.emulator.faults.add({ fault: { kind: 'cut-request', afterBytes }, when, times: 1 });
}

function start(job: object): ChildProcess {
  const args = [programs.path('upload'), JSON.stringify(job)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function* stepsOf(child: ChildProcess): AsyncGenerator<Step> {
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout! })) yield JSON.parse(line) as Step;
  await exited;
}
