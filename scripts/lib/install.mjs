import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run, secondsSince } from './run.mjs';
import { listManifests, readManifest, root } from './workspace.mjs';

const stampFile = join(root, 'node_modules', '.cache', 'stowage', 'installed');

/** Changes when, and only when, an install would do something: the lock file, what manifests ask for, the platform. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    const path = join(root, file);
    hash.update(existsSync(path) ? readFileSync(path) : 'absent');
  }
  for (const manifest of listManifests()) {
    const { name, dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest;
    hash.update(JSON.stringify({ name, dependencies, devDependencies, peerDependencies, optionalDependencies }));
  }
  return hash.digest('hex');
}

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint();
}

/**
 * Installs a workspace of its own, as its own lock file pins it, unless it is there.
 * @param {string} folder below the repository's @param {string} what for the person who waits
 */
export async function installPinned(folder, what) {
  const path = join(root, folder);
  const stamp = join(path, 'node_modules', '.installed');
  const lock = readFileSync(join(path, 'pnpm-lock.yaml'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  const started = Date.now();
  console.error(`install: ${what}, once`);
  const pnpm = join(root, 'node_modules', '.bin', 'pnpm');
  const args = ['install', '--frozen-lockfile', '--reporter=append-only'];
  const { status, output } = await run(pnpm, args, { quiet: true, cwd: path });
  if (status !== 0) throw new Error(`${folder} cannot be installed:\n${output}`);
  writeFileSync(stamp, lock);
  console.error(`install: ${folder} done (${secondsSince(started)})`);
}

/** Installs the dependencies, unless nothing changed since the last time. pnpm comes through npx: it need not be on PATH. */
export async function ensureInstalled() {
  if (isInstalled()) {
    console.log('install: nothing to do');
    return;
  }
  const pnpm = readManifest(root).packageManager;
  if (!pnpm) throw new Error('package.json names no packageManager');
  console.log(`install: ${pnpm} install (through npx)`);
  const started = Date.now();
  const args = ['--yes', pnpm, 'install', '--reporter=append-only', '--config.confirm-modules-purge=false'];
  const { status, output } = await run('npx', args, { quiet: true });
  if (status !== 0) throw new Error(`install failed:\n${output}`);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, fingerprint());
  console.log(`install: done (${secondsSince(started)})`);
}
