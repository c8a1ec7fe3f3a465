/**
 * The entry of every `npm run`: makes a fresh clone ready (dependencies, build), then does what was asked.
 * Needs Node and npm, nothing else. A second run finds everything in place and needs no network.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled, installPinned } from './lib/install.mjs';
import { withLock } from './lib/lock.mjs';
import { run, runStep } from './lib/run.mjs';
import { readManifest, root, stateFolder } from './lib/workspace.mjs';

const node = process.execPath;
const prettier = ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '--cache', '.'];
// No cache: what ESLint finds in a file depends on the types of other files.
const eslint = ['node_modules/eslint/bin/eslint.js', '.'];
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'];

/** @typedef {readonly [name: string, args: readonly string[]]} Step */

/** @type {readonly Step[]} */
const lintSteps = [
  ['prettier', prettier],
  ['eslint', eslint],
  ['boundaries', ['scripts/check-boundaries.mjs']],
  ['manifests', ['scripts/check-manifests.mjs']],
];

/** @type {readonly Step[]} */
const checkSteps = [
  ...lintSteps,
  ['typecheck', tsc],
  ['built files', ['scripts/check-manifests.mjs', '--built']],
  ['driver packages', ['scripts/check-drivers.mjs']],
  ['publint and arethetypeswrong', ['scripts/check-packages.mjs']],
  ['API reports', ['scripts/api-reports.mjs', '--check']],
  ['provider table', ['scripts/provider-table.mjs', '--check']],
  ['capability matrix', ['scripts/capability-matrix.mjs', '--check']],
  ['conformance rules', ['scripts/conformance-rules.mjs', '--check']],
];

/** Runs every step, also after one failed: a person wants the whole list. @param {readonly Step[]} steps */
async function runSteps(steps) {
  let failed = 0;
  for (const [name, args] of steps) if (!(await runStep(name, node, args))) failed += 1;
  return failed === 0 ? 0 : 1;
}

/** Runs the program that a private folder of the workspace names as `main`. @param {string} folder */
function runMainOf(folder) {
  return async (/** @type {readonly string[]} */ args) => {
    const path = join(root, folder);
    if (!existsSync(join(path, 'package.json'))) throw new Error(`there is no ${folder}/ yet`);
    return (await run(node, [join(path, readManifest(path).main ?? 'index.mjs'), ...args])).status;
  };
}

/** @param {readonly string[]} fixed */
function runScript(...fixed) {
  return async (/** @type {readonly string[]} */ args) => (await run(node, [...fixed, ...args])).status;
}

/** A registry of this machine is installed only for this. @param {readonly string[]} args */
async function testPublish(args) {
  await installPinned('test-publish/registry', 'a registry for this machine, about 70 MB');
  return runScript('scripts/run-tests.mjs', 'publish')(args);
}

/** What is published was checked. @param {readonly string[]} args */
async function release(args) {
  const status = await runSteps(checkSteps);
  return status === 0 ? runScript('scripts/release.mjs')(args) : status;
}

/** @type {Readonly<Record<string, { build: boolean, work: (args: readonly string[]) => Promise<number> }>>} */
const targets = {
  demo: { build: true, work: runMainOf('demo') },
  bench: { build: true, work: runMainOf('bench') },
  test: { build: true, work: runScript('scripts/run-tests.mjs', 'unit') },
  'test:publish': { build: true, work: testPublish },
  'test:live': { build: true, work: runScript('scripts/run-tests.mjs', 'live') },
  lint: { build: false, work: () => runSteps(lintSteps) },
  typecheck: { build: false, work: () => runSteps([['typecheck', tsc]]) },
  check: { build: true, work: () => runSteps(checkSteps) },
  docs: { build: false, work: runScript('scripts/docs.mjs') },
  api: { build: true, work: runScript('scripts/api-reports.mjs') },
  build: { build: true, work: async () => 0 },
  release: { build: true, work: release },
};

/** @param {boolean} build */
async function prepare(build) {
  await ensureInstalled();
  if (build) await ensureBuilt();
}

async function main() {
  const [name = '', ...args] = process.argv.slice(2);
  const target = targets[name];
  if (!target) throw new Error(`unknown target "${name}"; known are ${Object.keys(targets).join(', ')}`);
  const onWait = (/** @type {string} */ pid) =>
    console.log(`waiting for another run (process ${pid}) to install and build`);
  await withLock(join(stateFolder, 'prepare.lock'), () => prepare(target.build), { onWait });
  return target.work(args);
}

main().then(
  (status) => (process.exitCode = status),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
