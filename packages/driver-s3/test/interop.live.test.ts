import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Container, openStorage, type Storage } from '@stowage/core';
import {
  CEPH,
  type CephFacts,
  describeLive,
  launchCeph,
  type Launched,
  pythonModules,
  RCLONE,
  systemPython,
} from '@stowage/test-servers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { driver } from '../src/index.js';

/** A CA bundle of the machine is not for these: rclone fails with one. */
const { AWS_CA_BUNDLE: _, ...env } = process.env;
const run = (command: string, args: readonly string[]): Promise<{ stdout: string }> =>
  promisify(execFile)(command, args, { env, maxBuffer: 1 << 24 });
const program = fileURLToPath(new URL('python/interop.py', import.meta.url));
const KEYS = ['plain', 'a/b/c', 'a b+c', 'é and ü', 'per%41cent', 'q?u=e&r#y', '🙂', "it's (fine)!*"];
const LARGE = Buffer.from('a large object in parts '.repeat(500_000));
const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

const needs = {
  name: "Ceph's gateway, boto3, libcloud and rclone",
  install: `${CEPH.install} python3-boto3 python3-libcloud rclone`,
  isPresent: () => CEPH.isPresent() && RCLONE.isPresent() && pythonModules(['boto3', 'libcloud'], []).isPresent(),
};

describeLive('with other clients of the same gateway', needs, () => {
  let server: Launched<CephFacts>;
  let storage: Storage;

  beforeAll(async () => {
    server = await launchCeph();
    const { s3Endpoint: endpoint, accessKey: user, secretKey: key } = server.facts;
    storage = openStorage(driver, { endpoint, user, key, service: 'ceph', locationConstraint: '' });
  });
  afterAll(async () => {
    await storage.close();
    await server.stop();
  });

  async function python(
    client: string,
    action: string,
    box: Container,
  ): Promise<Record<string, Record<string, unknown>>> {
    const { s3Endpoint: endpoint, accessKey: user, secretKey: key } = server.facts;
    const job = { client, action, endpoint, user, key, bucket: box.name, keys: KEYS };
    const { stdout } = await run(systemPython, [program, JSON.stringify(job)]);
    return JSON.parse(stdout) as Record<string, Record<string, unknown>>;
  }

  async function fill(box: Container): Promise<void> {
    for (const key of KEYS) await box.put(key, key, { contentType: 'text/x-stowage', metadata: { who: 'stowage' } });
    await box.put('large', LARGE, { partSize: 5 * 1024 ** 2 });
  }

  it.each(['boto3', 'libcloud'])('reads what %s writes', async (client) => {
    const box = await storage.createContainer(`from-${client}`);
    await python(client, 'write', box);
    for (const key of KEYS) {
      const object = await box.object(key).stat();
      expect(await object.text(), key).toBe(key);
      expect(object.metadata?.['who']).toBe(client);
    }
    expect((await box.listObjects()).map(({ key }) => key)).toEqual(expect.arrayContaining(KEYS));
    if (client === 'boto3') expect(sha256(await box.object('large').bytes())).toBe(sha256(LARGE));
  });

  it.each(['boto3', 'libcloud'])('writes what %s reads', async (client) => {
    const box = await storage.createContainer(`for-${client}`);
    await fill(box);
    const seen = await python(client, 'read', box);
    for (const key of KEYS) expect(seen[key]?.['sha256'], key).toBe(sha256(key));
    expect(seen['large']?.['sha256']).toBe(sha256(LARGE));
    if (client === 'boto3')
      expect(seen['plain']).toMatchObject({ type: 'text/x-stowage', metadata: { who: 'stowage' } });
  });

  it('copies trees with rclone in both directions', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stowage-rclone-'));
    const box = await storage.createContainer('with-rclone');
    const { s3Endpoint, accessKey, secretKey } = server.facts;
    const config = join(folder, 'rclone.conf');
    await writeFile(
      config,
      `[c]\ntype = s3\nprovider = Ceph\nendpoint = ${s3Endpoint}\naccess_key_id = ${accessKey}\nsecret_access_key = ${secretKey}\n`,
    );
    try {
      await writeFile(join(folder, 'up é+.bin'), LARGE);
      const rclone = (...args: string[]) =>
        run('rclone', ['--config', config, '--s3-upload-cutoff', '5M', '--s3-chunk-size', '5M', ...args]);
      await rclone('copyto', join(folder, 'up é+.bin'), 'c:with-rclone/up é+.bin');
      expect(sha256(await box.object('up é+.bin').bytes())).toBe(sha256(LARGE));
      await box.put('down/ä b.bin', LARGE, { partSize: 5 * 1024 ** 2 });
      await rclone('copyto', 'c:with-rclone/down/ä b.bin', join(folder, 'down.bin'));
      expect(sha256(await readFile(join(folder, 'down.bin')))).toBe(sha256(LARGE));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is refused with a signature that was tampered with, or with another secret', async () => {
    const box = storage.container('for-boto3');
    const { url } = await box.object('plain').signedUrl({ expiresInSeconds: 60 });
    expect((await fetch(url)).status).toBe(200);
    const last = url.at(-1) === '0' ? '1' : '0';
    for (const bad of [
      url.slice(0, -1) + last,
      url.replace('/plain?', '/large?'),
      url.replace('Expires=60', 'Expires=90'),
    ])
      expect((await fetch(bad)).status, bad).toBe(403);
    const { s3Endpoint: endpoint, accessKey: user } = server.facts;
    const stranger = openStorage(driver, { endpoint, user, key: 'another-secret', service: 'ceph' });
    await expect(stranger.container('for-boto3').object('plain').bytes()).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    await stranger.close();
  });
});
