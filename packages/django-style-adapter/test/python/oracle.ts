import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The distribution's own Python: its packages are those that a Django project on this machine would run. */
const PYTHON = '/usr/bin/python3';
const PACKAGES = 'python3-libcloud python3-django-storages-libcloud python3-django';
const ORACLE = fileURLToPath(new URL('./oracle.py', import.meta.url));

export type Answer = { readonly ok: unknown } | { readonly err: string; readonly msg: string };
export type Call = readonly [name: string, ...args: unknown[]];

export function hasPython(): boolean {
  return spawnSync(PYTHON, ['-c', 'import django, libcloud, storages']).status === 0;
}

/** True when the live tests can run. Where they must (`CI=true`), a missing Python fails; elsewhere it is told how to get it. */
export function requirePython(): boolean {
  if (hasPython()) return true;
  const hint = `The real Django is missing: apt-get install --no-install-recommends ${PACKAGES}`;
  if (process.env.CI === 'true') throw new Error(hint);
  process.stderr.write(`skipped: ${hint}\n`);
  return false;
}

/** Runs calls in one Python process, one after the other. */
export function askPython(calls: readonly Call[], providers: object = {}): Answer[] {
  const run = spawnSync(PYTHON, [ORACLE], {
    input: JSON.stringify({ calls, providers }),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (run.status !== 0) throw new Error(`Python failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as Answer[];
}
