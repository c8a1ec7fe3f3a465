import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** @typedef {import('./meter.mjs').Figures} Figures */

const script = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const MAX_MS = 300_000;

/** The same for everyone: no warnings, no settings of the person who measures. */
function environment() {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|NODE_OPTIONS$|STOWAGE_)|proxy$/i.test(name));
  return { ...Object.fromEntries(kept), NODE_NO_WARNINGS: '1', AWS_EC2_METADATA_DISABLED: 'true' };
}

/**
 * Measures one operation of one client in a process of its own.
 * @param {{ file: string, target: object, plan: object }} task
 * @param {readonly string[]} nodeOptions
 * @returns {Promise<Figures>}
 */
export async function runChild(task, nodeOptions = []) {
  const child = fork(script('child.mjs'), [JSON.stringify(task)], {
    execArgv: [...nodeOptions],
    env: environment(),
    timeout: MAX_MS,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.on('data', (text) => (complaint += text));
  /** @type {Figures | undefined} */
  let figures;
  child.on('message', (message) => (figures = /** @type {Figures} */ (message)));
  const [code, signal] = await once(child, 'exit');
  if (figures === undefined || code !== 0) throw new Error(`ended with ${code ?? signal}\n${complaint.trim()}`);
  return figures;
}

/**
 * Measures a whole process.
 * @param {'nothing' | 'import' | 'read'} step @param {string} file @param {object} target @param {string} [cwd]
 * @returns {Promise<Figures>}
 */
export async function runCold(step, file, target, cwd) {
  const args = [script('cold-child.mjs'), step, file, JSON.stringify(target)];
  const child = spawn(process.execPath, args, { env: environment(), timeout: MAX_MS, ...(cwd && { cwd }) });
  const output = { out: '', error: '' };
  child.stdout.on('data', (text) => (output.out += text));
  child.stderr.on('data', (text) => (output.error += text));
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`ended with ${code ?? signal}\n${output.error.trim()}`);
  return JSON.parse(output.out);
}
