/**
 * Runs one vitest project: `run-tests.mjs unit|live|publish [vitest arguments]`. Without arguments the unit tests run on the Node that
 * was started, and again on Node 24. Each run leaves a JSON report, which is what `.ci/run` counts.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run, toolEnvironment } from './lib/run.mjs';
import { root, stateFolder } from './lib/workspace.mjs';

const resultsFolder = join(stateFolder, 'results');
const secondMajor = 24;
const currentMajor = Number(process.versions.node.split('.')[0]);

/** @typedef {{ major: number, path: string }} Runtime */

/** Node 24 comes as an npm package for each platform, under an alias in scripts/runtimes. @returns {Runtime | undefined} */
function findSecondNode() {
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const path = join(
    root,
    'scripts',
    'runtimes',
    'node_modules',
    `node${secondMajor}-${process.platform}-${process.arch}`,
    'bin',
    file,
  );
  return existsSync(path) ? { major: secondMajor, path } : undefined;
}

/** @param {boolean} currentOnly @returns {Runtime[]} */
function chooseRuntimes(currentOnly) {
  const current = { major: currentMajor, path: process.execPath };
  if (currentOnly || currentMajor === secondMajor) return [current];
  const second = findSecondNode();
  if (!second)
    console.log(`test: there is no Node ${secondMajor} package for ${process.platform}-${process.arch}; one run only`);
  return second ? [current, second] : [current];
}

/** @param {string} project @param {Runtime} runtime @param {readonly string[]} args @returns {Promise<number>} */
async function runProject(project, runtime, args) {
  const reportFile = join(resultsFolder, `${project}-node${runtime.major}.json`);
  // Another run may be at work on the same report: each writes its own, and the last to finish is kept.
  const ownFile = `${reportFile}.${process.pid}`;
  mkdirSync(resultsFolder, { recursive: true });
  console.log(`test: ${project} tests on Node ${runtime.major}`);
  const environment = toolEnvironment();
  const env = { ...environment, PATH: `${dirname(runtime.path)}${delimiter}${environment.PATH}` };
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${ownFile}`];
  const vitest = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', project];
  const { status } = await run(runtime.path, [...vitest, ...reporters, ...args], { env });
  if (existsSync(ownFile)) {
    renameSync(ownFile, reportFile);
    return status;
  }
  console.error(`test: the runner left no report for ${project} on Node ${runtime.major}`);
  return status || 1;
}

const [project = 'unit', ...args] = process.argv.slice(2);
let failed = 0;
for (const runtime of chooseRuntimes(project !== 'unit' || args.length > 0)) {
  if ((await runProject(project, runtime, args)) !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
