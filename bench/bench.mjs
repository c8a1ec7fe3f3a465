/** Measures Stowage and its peers side by side. `npm run bench -- --help` tells the options. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { stateFolder } from '../scripts/lib/workspace.mjs';
import { compare } from './src/goals.mjs';
import { installPeers } from './src/install-peers.mjs';
import { readOptions, suiteNames, usage } from './src/options.mjs';
import { writeReadme } from './src/readme.mjs';
import { startResponder } from './src/responder/start.mjs';
import { measureCold } from './src/suites/cold.mjs';
import { measureLarge } from './src/suites/large.mjs';
import { measureList } from './src/suites/list.mjs';
import { measureSize } from './src/suites/size.mjs';
import { measureSmall } from './src/suites/small.mjs';
import { ratiosTable, rowsTable } from './src/table.mjs';

/** @typedef {import('./src/rounds.mjs').Context} Context @typedef {import('./src/rounds.mjs').Row} Row */

/** @param {(context: Context) => Promise<Row[]>} measure */
const withGoals = (measure) => async (/** @type {Context} */ context) => {
  const rows = await measure(context);
  return { rows, ratios: compare(rows) };
};

const suites = {
  small: withGoals(measureSmall),
  large: withGoals(measureLarge),
  list: withGoals(measureList),
  cold: withGoals(measureCold),
  size: measureSize,
};

/** @param {import('./src/options.mjs').Options} options */
async function measure(options) {
  const profiles = join(stateFolder, 'profiles');
  const nodeOptions = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : [];
  const responder = await startResponder();
  const result = {
    suite: options.suites.length === suiteNames.length ? 'all' : options.suites.join(','),
    ...machine(),
  };
  /** @type {Row[]} */
  const rows = [];
  /** @type {import('./src/rounds.mjs').Ratio[]} */
  const ratios = [];
  try {
    for (const name of options.suites) {
      const measured = await suites[name]({ responder, nodeOptions, ...options });
      rows.push(...measured.rows);
      ratios.push(...measured.ratios);
    }
  } finally {
    responder.stop();
  }
  return { ...result, runs: options.runs, rows, ratios };
}

function machine() {
  return { node: process.version, machine: `${process.platform}-${process.arch}, ${cpus().length} CPUs` };
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  await installPeers();
  const result = await measure(options);
  console.log(`\n${rowsTable(result.rows)}\n\n${ratiosTable(result.ratios)}\n`);
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(join(stateFolder, `bench-${result.suite}.json`), JSON.stringify(result, undefined, 2));
  if (options.writeReadme) writeReadme(result);
  if (options.json) console.log(JSON.stringify(result));
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
