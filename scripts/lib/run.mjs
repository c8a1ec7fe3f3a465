import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { root } from './workspace.mjs';

const binFolder = join(root, 'node_modules', '.bin');

/** Tools of the workspace come first on PATH (turbo looks for pnpm there), and none of them phones home. */
export function toolEnvironment() {
  return {
    ...process.env,
    PATH: `${binFolder}${delimiter}${process.env.PATH ?? ''}`,
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
    NO_UPDATE_NOTIFIER: '1',
  };
}

/**
 * Runs a program in the repository's folder.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, env?: NodeJS.ProcessEnv, cwd?: string }} [options] `quiet` keeps the output for the caller
 * @returns {Promise<{ status: number, output: string }>}
 */
export function run(command, args, { quiet = false, env = toolEnvironment(), cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const shell = process.platform === 'win32' && command !== process.execPath;
    const child = spawn(command, args, { cwd, env, shell, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ status: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}

/** @param {number} startedMs */
export function secondsSince(startedMs) {
  return `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;
}

/**
 * Runs one step quietly and says in one line how it went; what it printed is shown only when it failed.
 * @param {string} name @param {string} command @param {readonly string[]} args @returns {Promise<boolean>}
 */
export async function runStep(name, command, args) {
  const started = Date.now();
  const { status, output } = await run(command, args, { quiet: true });
  const warnings = status === 0 ? (output.match(/\bwarning\b/g) ?? []).length : 0;
  const remark = warnings > 0 ? `, ${warnings} warnings` : '';
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${secondsSince(started)}${remark})`);
  if (status !== 0) console.log(output.trimEnd());
  return status === 0;
}
