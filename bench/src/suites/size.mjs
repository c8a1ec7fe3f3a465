/** What `npm install` of the Django-style adapter and the local driver leaves on disk, from packed packages, and what importing costs. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packAll } from '../../../scripts/lib/pack.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { runCold } from '../measure/run-child.mjs';
import { runRounds } from '../rounds.mjs';

const wanted = ['core', 'django-style-adapter', 'driver-local'];
const client = 'adapter + local';

/** @param {string} folder @returns {number} bytes of all files below, as the file system tells their lengths */
function bytesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** @param {string} modules a `node_modules` @returns {string[]} */
function installedNames(modules) {
  return readdirSync(modules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    return name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name];
  });
}

/** @param {string} folder */
async function install(folder) {
  const packed = await packAll(join(folder, 'packed'));
  const tarballs = packed.filter((pkg) => wanted.includes(pkg.folder)).map((pkg) => pkg.tarball);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs];
  const { status, output } = await run('npm', args, { quiet: true, cwd: folder });
  if (status !== 0) throw new Error(`npm cannot install the packed packages:\n${output}`);
}

/**
 * @param {import('../rounds.mjs').Context} context
 * @returns {Promise<{ rows: import('../rounds.mjs').Row[], ratios: import('../rounds.mjs').Ratio[] }>}
 */
export async function measureSize(context) {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-size-'));
  try {
    await install(folder);
    const modules = join(folder, 'node_modules');
    const names = installedNames(modules);
    const megabytes = Math.round((bytesBelow(modules) / 1e6) * 1000) / 1000;
    const foreign = names.filter((name) => /^@aws-sdk\/|^@google-cloud\/|^@smithy\/|^undici$/.test(name)).length;
    console.error(`installed: ${names.join(', ')}`);
    const entry = createRequire(join(folder, 'package.json')).resolve('@stowage/django-style-adapter');
    const measure = () => runCold('import', pathToFileURL(entry).href, {});
    const rows = await runRounds({ ...context, only: undefined }, [{ client, op: 'import', measure }]);
    return {
      rows,
      ratios: [
        { name: 'installed with adapter and local driver, MB', value: megabytes, goal: 1, met: megabytes <= 1 },
        { name: 'vendor SDKs and undici installed with them', value: foreign, goal: 0, met: foreign === 0 },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
