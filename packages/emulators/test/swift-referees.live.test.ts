import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeLive, installed, pythonModules, systemPython } from '@stowage/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SwiftEmulator } from '../src/index.js';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('swift/referees.py', import.meta.url));
const HELLO_MD5 = '5d41402abc4b2a76b9719d911017c592';

let swift: SwiftEmulator;
beforeAll(async () => {
  swift = await SwiftEmulator.start();
});
afterAll(async () => {
  await swift.close();
});

/** What an independent client of Python saw of the emulator. */
async function referee(name: string): Promise<Readonly<Record<string, unknown>>> {
  const { keystone, rackspace, v1, endpoint } = swift;
  const facts = {
    ...keystone,
    us: rackspace.us.replace(/\/v2\.0$/, ''),
    v1: v1.authUrl,
    storage: v1.storageUrl,
    root: endpoint,
  };
  const child = run(systemPython, [SCRIPT, name], { timeout: 100_000 });
  child.child.stdin?.end(JSON.stringify(facts));
  const { stdout } = await child;
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
}

describeLive(
  'refereed by python3-swiftclient',
  pythonModules(['swiftclient'], ['python3-swiftclient', 'python3-keystoneclient']),
  () => {
    it('logs in every way, writes, lists, reads and deletes, and leaves no segments', async () => {
      const usual = [HELLO_MD5, 'hello', 'blue', ['a//b é?']];
      expect(await referee('swiftclient')).toEqual({
        v1: usual,
        v2: usual,
        v3: usual,
        'v3 in the second region': usual,
        'v3 by application credential': usual,
        'large objects': [],
      });
    });
  },
);

describeLive('refereed by python3-libcloud', pythonModules(['libcloud'], ['python3-libcloud']), () => {
  it('works through the drivers of Swift and of Cloud Files with its CDN', async () => {
    const usual = [HELLO_MD5, 5, 'blue', 'hello', ['a/é 1.txt']];
    expect(await referee('libcloud')).toEqual({
      'swift v3': usual,
      'swift v1': usual,
      'cloudfiles us': usual,
      'cloudfiles us url': expect.stringMatching(/^http:\/\/[0-9a-f]+\.r12\.cf2\.rackcdn\.com$/) as string,
    });
    expect(swift.purged('us')).toEqual(['MossoCloudFS_aaa/lc/a/é 1.txt']);
  });
});

describeLive('refereed by rclone', installed('rclone', 'rclone'), () => {
  describe('with a folder', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'stowage-rclone-'));
    });
    afterAll(async () => {
      await rm(folder, { recursive: true, force: true });
    });

    it.each([
      ['v1', { auth: () => swift.v1.authUrl, user: 'test:tester', auth_version: '1' }],
      [
        'v3',
        {
          auth: () => swift.keystone.v3,
          user: 'tester',
          auth_version: '3',
          tenant: 'test',
          domain: 'Default',
          region: 'RegionTwo',
        },
      ],
    ] as const)('copies, checks, lists and purges it through %s', async (name, { auth, ...login }) => {
      const options = Object.entries({ ...login, auth: auth(), key: 'testing' }).map(
        ([key, value]) => `RCLONE_CONFIG_X_${key.toUpperCase()}=${value}`,
      );
      const env = {
        ...process.env,
        RCLONE_CONFIG_X_TYPE: 'swift',
        RCLONE_CONFIG: join(folder, 'none'),
        ...Object.fromEntries(options.map((pair) => pair.split(/=(.*)/s).slice(0, 2))),
      };
      const rclone = async (...args: string[]) => (await run('rclone', ['--retries', '1', ...args], { env })).stdout;
      await writeFile(join(folder, `${name} é.txt`), 'hello');
      await writeFile(join(folder, `${name}-large`), Buffer.alloc(300_000, name));
      await rclone('copy', folder, 'x:rc', '--swift-chunk-size', '100k');
      await rclone('check', folder, 'x:rc', '--download');
      expect(await rclone('lsf', 'x:rc')).toContain(`${name} é.txt\n`);
      await rclone('copyto', `x:rc/${name}-large`, 'x:rc/copy', '--swift-chunk-size', '100k');
      await rclone('copyto', 'x:rc/copy', join(folder, `${name}-back`));
      expect((await readFile(join(folder, `${name}-back`))).equals(Buffer.alloc(300_000, name))).toBe(true);
      await rm(join(folder, `${name}-back`));
      await rclone('purge', 'x:rc');
      expect(await rclone('lsd', 'x:')).not.toMatch(/ rc$/m);
    });
  });
});
