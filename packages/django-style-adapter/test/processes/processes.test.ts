import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { driver } from '@stowage/driver-local';
import { bundlePrograms, type Programs } from '@stowage/test-servers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createStorages } from '../../src/index.js';

/** The suite runs a tenth of what the acceptance asks; `STOWAGE_FULL_SCALE=1` runs all of it. */
const isFullScale = process.env.STOWAGE_FULL_SCALE === '1';
const WRITERS = isFullScale ? 16 : 4;
const SAVES = isFullScale ? 200 : 25;
const STREAM_MEBIBYTES = isFullScale ? 2_048 : 192;
const PEAK_MEBIBYTES = 150;
const TIMEOUT_MS = isFullScale ? 600_000 : 60_000;

const run = promisify(execFile);
let root: string;
let programs: Programs;

beforeAll(async () => {
  programs = await bundlePrograms(new URL('./', import.meta.url), 'save-same-name', 'long-stream');
}, TIMEOUT_MS);
afterAll(() => programs.remove());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stowage-processes-'));
  mkdirSync(join(root, 'bucket-1'));
});
afterEach(() => rmSync(root, { recursive: true }));

it(
  `${WRITERS} processes that save one name ${SAVES} times each lose and tear nothing`,
  async () => {
    const path = programs.path('save-same-name');
    const writers = Array.from({ length: WRITERS }, (_, writer) =>
      run(process.execPath, [path, root, String(writer), String(SAVES)], { maxBuffer: 64 * 1_048_576 }),
    );
    const claims = (await Promise.all(writers)).map(({ stdout }) => JSON.parse(stdout) as Record<string, string>);
    const names = claims.flatMap((claim) => Object.keys(claim));
    expect(new Set(names).size).toBe(WRITERS * SAVES);

    const { default: store } = createStorages({
      LIBCLOUD_PROVIDERS: { default: { type: driver, user: root, bucket: 'bucket-1' } },
    });
    const [, files] = await store.listdir('photos');
    expect(new Set(files.map((file) => `photos/${file}`))).toEqual(new Set(names));
    for (const [name, beginning] of claims.flatMap((claim) => Object.entries(claim))) {
      const unit = /^writer \d+ save \d+ /.exec(beginning)![0];
      expect(await store.open(name, 'r').read()).toBe(unit.repeat(200));
    }
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
