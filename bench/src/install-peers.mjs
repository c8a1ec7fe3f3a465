import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, secondsSince } from '../../scripts/lib/run.mjs';
import { root } from '../../scripts/lib/workspace.mjs';

const folder = join(root, 'bench', 'peers');
const stampFile = join(folder, 'node_modules', '.installed');

/** Installs the libraries that Stowage is measured against, as their own lock file pins them, unless they are there. */
export async function installPeers() {
  const lock = readFileSync(join(folder, 'pnpm-lock.yaml'), 'utf8');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lock) return;
  const started = Date.now();
  console.error('bench: installing the peers (about 60 MB, once)');
  const pnpm = join(root, 'node_modules', '.bin', 'pnpm');
  const { status, output } = await run(pnpm, ['install', '--frozen-lockfile', '--reporter=append-only'], {
    quiet: true,
    cwd: folder,
  });
  if (status !== 0) throw new Error(`the peers cannot be installed:\n${output}`);
  writeFileSync(stampFile, lock);
  console.error(`bench: peers installed (${secondsSince(started)})`);
}
