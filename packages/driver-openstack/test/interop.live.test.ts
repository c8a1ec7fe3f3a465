import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Container, openStorage, type Storage } from '@stowage/core';
import {
  describeLive,
  type Launched,
  launchSwift,
  pythonModules,
  RCLONE,
  SWIFT,
  type SwiftFacts,
  systemPython,
} from '@stowage/test-servers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { driver } from '../src/index.js';
import { sha256Of } from './content.js';

const run = (command: string, args: readonly string[]): Promise<{ stdout: string }> =>
  promisify(execFile)(command, args, { maxBuffer: 1 << 24 });
const program = fileURLToPath(new URL('python/interop.py', import.meta.url));
const KEYS = ['plain', 'a/b/c', '/lead', 'a//b', 'a b+c', 'é and ü', 'per%41cent', 'q?u=e&r#y', '🙂', "it's (fine)!*"];
/** Libcloud downloads by names that it does not escape, and takes slashes for those of a path. */
const LIBCLOUD_KEYS = KEYS.filter((key) => !/^\/|\/\/|[%?#]/.test(key));
const LARGE = Buffer.from('a large object in parts '.repeat(100_000));
const SEGMENT = 512 * 1024;
const sha256 = (bytes: Buffer | string): string => sha256Of([Buffer.from(bytes)]);
/** For a server to be up, on a machine that has other things to do. */
const SLOW_MS = 300_000;

const needs = {
  name: 'OpenStack Swift, swiftclient, libcloud and rclone',
  install: `${SWIFT.install} python3-swiftclient python3-libcloud rclone`,
  isPresent: () =>
    SWIFT.isPresent() && RCLONE.isPresent() && pythonModules(['swiftclient', 'libcloud'], []).isPresent(),
};

describeLive('with other clients of the same Swift', needs, () => {
  let server: Launched<SwiftFacts> | undefined;
  let storage: Storage;

  beforeAll(async () => {
    server = await launchSwift();
    const { authUrl, user, key } = server.facts;
    storage = openStorage(driver, { authUrl, user, key });
  }, SLOW_MS);
  afterAll(async () => {
    await storage.close();
    await server?.stop();
  });

  const keysOf = (client: string): readonly string[] => (client === 'libcloud' ? LIBCLOUD_KEYS : KEYS);

  async function python(
    client: string,
    action: string,
    box: Container,
  ): Promise<Record<string, Record<string, unknown>>> {
    const { authUrl, user, key, storageUrl } = server!.facts;
    const job = { client, action, authUrl, user, key, storageUrl, container: box.name, keys: keysOf(client) };
    const { stdout } = await run(systemPython, ['-W', 'ignore', program, JSON.stringify(job)]);
    return JSON.parse(stdout) as Record<string, Record<string, unknown>>;
  }

  it.each(['swiftclient', 'libcloud'])(
    'reads, and deletes without remains, what %s writes',
    async (client) => {
      const box = await storage.createContainer(`from-${client}`);
      await python(client, 'write', box);
      for (const key of keysOf(client)) {
        const object = await box.object(key).stat();
        expect(await object.text(), key).toBe(key);
        expect(object.metadata?.['who']).toBe(client === 'libcloud' ? client : `${client} é`);
      }
      const large = client === 'libcloud' ? ['dlo'] : ['dlo', 'slo'];
      for (const key of large) {
        const object = await box.object(key).stat();
        expect([object.size, object.extra['largeObject']]).toEqual([LARGE.length, key]);
        expect(sha256(await object.bytes())).toBe(sha256(LARGE));
        const range = { start: SEGMENT - 3, end: SEGMENT + 3 };
        expect(await object.bytes({ range })).toEqual(LARGE.subarray(range.start, range.end));
        await object.delete();
      }
      const left = (await box.listObjects()).map(({ key }) => key);
      expect(new Set(left)).toEqual(new Set(keysOf(client)));
      const segments = `from-${client}_segments`;
      if (await storage.containerExists(segments)) expect(await storage.container(segments).listObjects()).toEqual([]);
    },
    SLOW_MS,
  );

  it.each(['swiftclient', 'libcloud'])(
    'writes what %s reads',
    async (client) => {
      const box = await storage.createContainer(`for-${client}`);
      for (const key of keysOf(client))
        await box.put(key, key, { contentType: 'text/x-stowage', metadata: { who: 'stowage é' } });
      await box.put('slo', LARGE, { partSize: SEGMENT });
      const upload = await box.createUpload('dlo', {
        size: LARGE.length,
        partSize: SEGMENT,
        provider: { largeObject: 'dlo' },
      });
      await upload.send(LARGE);
      const seen = await python(client, 'read', box);
      for (const key of keysOf(client)) expect(seen[key]?.['sha256'], key).toBe(sha256(key));
      for (const key of ['slo', 'dlo']) expect(seen[key]?.['sha256'], key).toBe(sha256(LARGE));
      if (client === 'swiftclient') expect(seen['plain']).toMatchObject({ type: 'text/x-stowage', who: 'stowage é' });
    },
    SLOW_MS,
  );

  it(
    'copies trees with rclone in both directions',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'stowage-rclone-'));
      const box = await storage.createContainer('with-rclone');
      const { authUrl, user, key } = server!.facts;
      const config = join(folder, 'rclone.conf');
      await writeFile(config, `[s]\ntype = swift\nauth = ${authUrl}\nuser = ${user}\nkey = ${key}\nauth_version = 1\n`);
      const rclone = (...args: string[]) => run('rclone', ['--config', config, '--swift-chunk-size', '512Ki', ...args]);
      try {
        await writeFile(join(folder, 'up é+.bin'), LARGE);
        await rclone('copyto', join(folder, 'up é+.bin'), 's:with-rclone/up é+.bin');
        const object = await box.object('up é+.bin').stat();
        expect(object.extra['largeObject']).toBeDefined();
        expect(sha256(await object.bytes())).toBe(sha256(LARGE));
        await box.put('down/ä b.bin', LARGE, { partSize: SEGMENT });
        await rclone('copyto', 's:with-rclone/down/ä b.bin', join(folder, 'down.bin'));
        expect(sha256(await readFile(join(folder, 'down.bin')))).toBe(sha256(LARGE));
        const { stdout } = await rclone('lsf', '-R', 's:with-rclone');
        expect(stdout.split('\n').sort()).toEqual(['', 'down/', 'down/ä b.bin', 'up é+.bin']);
        await object.delete();
        await box.object('down/ä b.bin').delete();
        expect(await storage.container('with-rclone_segments').listObjects()).toEqual([]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    SLOW_MS,
  );
});
