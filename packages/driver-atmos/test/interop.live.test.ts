import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openStorage, type Storage } from '@stowage/core';
import { AtmosEmulator } from '@stowage/emulators';
import { describeLive, pythonModules, systemPython } from '@stowage/test-servers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { driver } from '../src/index.js';

const program = fileURLToPath(new URL('python/interop.py', import.meta.url));
/** Libcloud sends names in ASCII only. */
const NAMES = ['plain.txt', 'photos/2026/a.txt', 'a b+c.txt'];
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

describeLive("with Libcloud's own Atmos driver", pythonModules(['libcloud'], ['python3-libcloud']), () => {
  let emulator: AtmosEmulator;
  let storage: Storage;
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stowage-atmos-'));
    file = join(folder, 'content.txt');
    emulator = await AtmosEmulator.start({ prefix: '/storage/v1.0' });
    const { uid: user, secret: key } = emulator.account;
    storage = openStorage(driver, { endpoint: emulator.endpoint, user, key });
  });
  afterAll(async () => {
    await storage.close();
    await emulator.close();
    await rm(folder, { recursive: true });
  });

  async function python(job: object): Promise<Record<string, unknown>> {
    const { uid: user, secret: key } = emulator.account;
    const text = JSON.stringify({ user, key, port: emulator.port, names: NAMES, file, ...job });
    const { stdout } = await promisify(execFile)(systemPython, [program, text], {
      timeout: 90_000,
      killSignal: 'SIGKILL',
    });
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  it(
    'reads what Libcloud writes, under the same keys, with its hashes and metadata',
    { timeout: 120_000 },
    async () => {
      await writeFile(file, 'content by libcloud');
      expect((await python({ action: 'write', container: 'theirs' }))['containers']).toEqual(['theirs']);
      const box = storage.container('theirs');
      expect((await box.listObjects()).map(({ key }) => key).sort()).toEqual([...NAMES].sort());
      for (const name of NAMES) {
        const object = await box.getObject(name);
        expect([await object.text(), object.hash]).toEqual(['content by libcloud', md5('content by libcloud')]);
        expect(object.metadata).toEqual({ who: 'libcloud' });
      }
    },
  );

  it('writes what Libcloud reads, lists and deletes', { timeout: 120_000 }, async () => {
    const box = await storage.createContainer('ours');
    for (const name of NAMES) await box.put(name, `content of ${name}`, { metadata: { who: 'stowage' } });
    const read = await python({ action: 'read', container: 'ours' });
    for (const name of NAMES) {
      const text = `content of ${name}`;
      expect(read[name]).toEqual({ size: text.length, hash: md5(text), text, meta: { who: 'stowage' } });
    }
    expect(read['listed']).toEqual(['a b+c.txt', 'plain.txt']);
    // Libcloud leaves folders behind, and its own delete of the container then fails.
    await expect(python({ action: 'delete', container: 'ours' })).rejects.toThrow('ContainerIsNotEmptyError');
    await storage.deleteContainer('ours');
  });
});
