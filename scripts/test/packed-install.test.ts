import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packAll } from '../lib/pack.mjs';
import { run } from '../lib/run.mjs';
import { root } from '../lib/workspace.mjs';

const MAX_BYTES = 1_000_000;

/** The main job as an application does it, in plain JavaScript, with the settings of a Django project. */
const APPLICATION = `
  import { mkdirSync } from 'node:fs';
  import { configure, ContentFile, LibCloudStorage } from '@stowage/django-style-adapter';
  mkdirSync('files');
  configure({ LIBCLOUD_PROVIDERS: { default: { type: 'libcloud.storage.types.Provider.LOCAL', user: 'files', key: '', bucket: 'bucket-1' } } });
  const store = new LibCloudStorage();
  await store.driver.createContainer('bucket-1');
  const names = [await store.save('a/b.txt', new ContentFile('one')), await store.save('a/b.txt', new ContentFile('two'))];
  const content = String(await store.open(names[1]).read());
  console.log(JSON.stringify({ names, content, listed: await store.listdir('a') }));
  await store.close();
`;

/** Other people's packages that ours need at run time, packed from what is installed here: the test needs no network. */
async function packForeign(folder: string): Promise<Readonly<Record<string, string>>> {
  const installed = realpathSync(join(root, 'packages/core/node_modules/mrmime'));
  const { status, output } = await run('npm', ['pack', '--silent', '--pack-destination', folder, installed], {
    quiet: true,
  });
  if (status !== 0) throw new Error(output);
  const file = readdirSync(folder).find((name) => name.startsWith('mrmime-')) as string;
  return { mrmime: `file:${join(folder, file)}` };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('a project that installs only the adapter and the local driver, from packed tarballs', () => {
  let folder = '';
  let app = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stowage-packed-'));
    app = join(folder, 'app');
    mkdirSync(app);
    const packed = await packAll(join(folder, 'tarballs'));
    const wanted = packed.filter((pkg) => ['core', 'django-style-adapter', 'driver-local'].includes(pkg.folder));
    const ours = Object.fromEntries(wanted.map((pkg) => [pkg.manifest.name, `file:${pkg.tarball}`]));
    const files = { ...ours, ...(await packForeign(folder)) };
    const dependencies = Object.fromEntries(
      ['@stowage/django-style-adapter', '@stowage/driver-local'].map((name) => [name, files[name]]),
    );
    writeFileSync(
      join(app, 'package.json'),
      JSON.stringify({ private: true, type: 'module', dependencies, overrides: files }),
    );
    writeFileSync(join(app, 'main.js'), APPLICATION);
    const { status, output } = await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent'], {
      quiet: true,
      cwd: app,
    });
    if (status !== 0) throw new Error(output);
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('does the main job', async () => {
    const { status, output } = await run(process.execPath, ['main.js'], { quiet: true, cwd: app });
    expect(output).toMatch(/^\{/);
    expect(JSON.parse(output)).toMatchObject({
      names: ['a/b.txt', expect.stringMatching(/^a\/b_\w{7}\.txt$/)],
      content: 'two',
    });
    expect(status).toBe(0);
  });

  it('has no vendor SDK and no HTTP client on disk', () => {
    const manifests = filesBelow(join(app, 'node_modules')).filter((file) => file.endsWith('package.json'));
    const names = manifests.map((file) => dirname(file).slice(join(app, 'node_modules').length + 1));
    expect(names.sort()).toEqual(['@stowage/core', '@stowage/django-style-adapter', '@stowage/driver-local', 'mrmime']);
  });

  it('takes at most 1 MB', () => {
    const bytes = filesBelow(join(app, 'node_modules')).reduce((sum, file) => sum + statSync(file).size, 0);
    console.log(`adapter and local driver on disk: ${String(Math.ceil(bytes / 1000))} kB`);
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
  });
});
