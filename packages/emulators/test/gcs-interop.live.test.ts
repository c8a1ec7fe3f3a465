import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeLive, pythonModules, RCLONE, systemPython } from '@stowage/test-servers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GcsEmulator } from '../src/index.js';

/** A CA bundle of the machine is not for these: rclone fails with one. */
const { AWS_CA_BUNDLE: _, ...env } = process.env;
const run = (command: string, args: readonly string[]): Promise<{ stdout: string }> =>
  promisify(execFile)(command, args, { env, maxBuffer: 1 << 24 });
const KEYS = ['plain', 'a b+c', 'a/b/c', "it's (fine)!*", 'per%41cent', 'q?u=e&r#y', 'é and ü', '🙂'];

const needs = {
  name: 'boto3 and rclone',
  install: 'apt-get install -y --no-install-recommends python3-boto3 rclone',
  isPresent: () => RCLONE.isPresent() && pythonModules(['boto3'], []).isPresent(),
};

describeLive('the XML API of the Google Cloud Storage emulator, refereed by clients of S3', needs, () => {
  let emulator: GcsEmulator;

  beforeAll(async () => {
    emulator = await GcsEmulator.start();
  });
  afterAll(() => emulator.close());

  it('serves boto3', async () => {
    const { accessKey: user, secretKey: key } = emulator.hmacKey;
    const program = fileURLToPath(new URL('python/gcs_boto3.py', import.meta.url));
    const job = { endpoint: emulator.endpoint, user, key, bucket: 'by-boto3', keys: KEYS };
    const seen = JSON.parse((await run(systemPython, [program, JSON.stringify(job)])).stdout) as Record<
      string,
      unknown
    >;
    expect(seen).toMatchObject({
      read: ['plain', 'text/x-boto', { who: 'boto3' }, '"ac7938d40cfc2307e2bf325d28e7884e"'],
      range: 'la',
      list_objects: [...KEYS].sort(),
      list_objects_v2: [...KEYS].sort(),
      large: [true, 10_240_000],
      copied: { who: 'boto3' },
      missing: 'NoSuchKey',
      full: 'BucketNotEmpty',
    });
    const url = seen['url'] as string;
    expect(await (await fetch(url)).text()).toBe('plain');
    expect((await fetch(url.replace('/copied?', '/plain?'))).status).toBe(403);
  });

  it('serves rclone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stowage-rclone-'));
    const { accessKey, secretKey } = emulator.hmacKey;
    const config = join(folder, 'rclone.conf');
    const body = randomBytes(11 * 1024 ** 2);
    try {
      await writeFile(
        config,
        `[g]\ntype = s3\nprovider = Other\nendpoint = ${emulator.endpoint}\naccess_key_id = ${accessKey}\nsecret_access_key = ${secretKey}\nforce_path_style = true\n`,
      );
      const rclone = (...args: string[]) =>
        run('rclone', [
          '--config',
          config,
          '--retries',
          '1',
          '--s3-upload-cutoff',
          '5M',
          '--s3-chunk-size',
          '5M',
          ...args,
        ]);
      await rclone('mkdir', 'g:by-rclone');
      await writeFile(join(folder, 'up é+.bin'), body);
      await rclone('copyto', join(folder, 'up é+.bin'), 'g:by-rclone/dir/up é+.bin');
      await writeFile(join(folder, 'small'), 'small');
      await rclone('copyto', join(folder, 'small'), 'g:by-rclone/small');
      expect((await rclone('lsf', '-R', 'g:by-rclone')).stdout.trim().split('\n').sort()).toEqual([
        'dir/',
        'dir/up é+.bin',
        'small',
      ]);
      await rclone('copyto', 'g:by-rclone/dir/up é+.bin', join(folder, 'down.bin'));
      expect((await readFile(join(folder, 'down.bin'))).equals(body)).toBe(true);
      await rclone('copyto', 'g:by-rclone/small', 'g:by-rclone/copied');
      await rclone('purge', 'g:by-rclone');
      expect((await rclone('lsd', 'g:')).stdout).not.toContain('by-rclone');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
