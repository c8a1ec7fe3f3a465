import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createHost } from '@stowage/core/spi';
import { bundlePrograms, type Programs } from '@stowage/test-servers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { driver, sweep } from '../../src/index.js';
import { at, bodyOf, ctx, listAll } from '../lab.js';

/** The suite runs a part of what the acceptance asks; `STOWAGE_FULL_SCALE=1` runs all of it. */
const isFullScale = process.env['STOWAGE_FULL_SCALE'] === '1';
const WRITERS = isFullScale ? 16 : 4;
const SAVES = isFullScale ? 200 : 25;
const KILLS = isFullScale ? 50 : 5;
const PUT_MEBIBYTES = isFullScale ? 200 : 24;
const STREAM_MEBIBYTES = isFullScale ? 2048 : 192;
const PEAK_MEBIBYTES = 150;
const TIMEOUT_MS = isFullScale ? 900_000 : 60_000;

const run = promisify(execFile);
let programs: Programs;
let root: string;

beforeAll(async () => {
  const names = ['save-same-name', 'put-slowly', 'long-stream'];
  programs = await bundlePrograms(new URL('./', import.meta.url), ...names);
}, TIMEOUT_MS);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stowage-processes-'));
  mkdirSync(join(root, 'box'));
});
afterEach(() => rmSync(root, { recursive: true }));
afterAll(() => programs.remove());

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));

it(
  `${WRITERS} processes that save one name ${SAVES} times each lose and tear nothing`,
  async () => {
    const path = programs.path('save-same-name');
    const writers = Array.from({ length: WRITERS }, (_, writer) =>
      run(process.execPath, [path, root, String(writer), String(SAVES)], { maxBuffer: 64 << 20 }),
    );
    const claims = (await Promise.all(writers)).map(({ stdout }) => JSON.parse(stdout) as Record<string, string>);
    const stored = new Map(claims.flatMap((claim) => Object.entries(claim)));
    expect(claims.flatMap((claim) => Object.keys(claim))).toHaveLength(WRITERS * SAVES);
    expect(stored.size).toBe(WRITERS * SAVES);

    const local = driver.create({ root }, createHost());
    const { keys } = await listAll(local);
    expect(new Set(keys)).toEqual(new Set(stored.keys()));
    for (const key of keys) {
      const { bytes, record } = await local.read(at(key), { want: 'bytes' }, ctx);
      expect(bytes!.toString()).toBe(stored.get(key));
      expect(bytes!.toString()).toMatch(new RegExp(`^writer ${record.metadata!['writer']} `));
    }
    expect(filesBelow(root).filter((file) => /staging|locks/.test(file))).toEqual([]);
  },
  TIMEOUT_MS,
);

/** Kills a process once it has printed so many characters. */
async function killAfter(child: ChildProcess, characters: number): Promise<void> {
  let printed = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    printed += chunk.length;
    if (printed < characters) continue;
    child.kill('SIGKILL');
    break;
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

it(
  `${KILLS} kills in the middle of a put of ${PUT_MEBIBYTES} MiB leave the object as it was or as it shall be, and nothing else`,
  async () => {
    const path = programs.path('put-slowly');
    const size = PUT_MEBIBYTES << 20;
    let halves = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const local = driver.create({ root }, createHost());
      await local.put(at('deep/object'), bodyOf('old'), { metadata: { version: 'old' } }, ctx);
      const child = spawn(process.execPath, [path, root, String(PUT_MEBIBYTES)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      // From the first chunk to the moment after the last one, when the file is put in its place.
      await killAfter(child, 1 + Math.floor((kill / (KILLS - 1)) * PUT_MEBIBYTES));
      halves += filesBelow(root).filter((file) => file.includes('/staging/')).length;

      const { keys } = await listAll(local);
      expect(keys).toEqual(['deep/object']);
      const record = await local.stat(at('deep/object'), {}, ctx);
      expect(['old', 'new']).toContain(record.metadata!['version']);
      expect(record.size).toBe(record.metadata!['version'] === 'old' ? 3 : size);
    }
    expect(halves).toBeGreaterThan(KILLS / 2);

    const local = driver.create({ root }, createHost());
    await local.put(at('deep/object'), bodyOf('last'), {}, ctx);
    expect(filesBelow(root).filter((file) => /staging|locks/.test(file))).toEqual([]);
    const later = driver.create({ root }, createHost({ nowMs: () => Date.now() + 7_200_000 }));
    await sweep(later);
    expect(filesBelow(root).filter((file) => file.includes('/facts/'))).toHaveLength(1);
  },
  TIMEOUT_MS,
);

it(
  `a stream of ${STREAM_MEBIBYTES} MiB goes in and comes back in less than ${PEAK_MEBIBYTES} MiB of memory`,
  async () => {
    const path = programs.path('long-stream');
    const { stdout } = await run(process.execPath, [path, root, String(STREAM_MEBIBYTES)]);
    const facts = JSON.parse(stdout) as { bytes: number; same: boolean; peakMebibytes: number };
    if (isFullScale) process.stderr.write(`${stdout}\n`);
    expect(facts).toMatchObject({ bytes: STREAM_MEBIBYTES * 1_048_576, same: true });
    expect(facts.peakMebibytes).toBeLessThan(PEAK_MEBIBYTES);
  },
  TIMEOUT_MS,
);
