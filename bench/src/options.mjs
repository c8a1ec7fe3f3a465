import { parseArgs } from 'node:util';

export const suiteNames = /** @type {const} */ (['small', 'large', 'list', 'cold', 'size']);

export const usage = `npm run bench -- [options]

  --suite <names>    ${suiteNames.join(', ')}; several with commas; default all
  --runs <n>         runs of each measurement, in turn; medians are told; default 5
  --quick            one short run each: shows that everything works, and little more
  --clients <names>  only these, with commas
  --json             the last line is one JSON object with all figures
  --write-readme     writes the figures into README.md; only with all suites
  --show-requests    prints what each client sends
  --profile          keeps a CPU profile of every measured process in .stowage/profiles
  --help`;

/**
 * @typedef {(typeof suiteNames)[number]} SuiteName
 * @typedef {{
 *   suites: readonly SuiteName[], runs: number, quick: boolean, only: readonly string[] | undefined, json: boolean,
 *   writeReadme: boolean, showRequests: boolean, profile: boolean, help: boolean,
 * }} Options
 */

const definitions = /** @type {const} */ ({
  suite: { type: 'string', default: suiteNames.join(',') },
  runs: { type: 'string' },
  quick: { type: 'boolean', default: false },
  clients: { type: 'string' },
  json: { type: 'boolean', default: false },
  'write-readme': { type: 'boolean', default: false },
  'show-requests': { type: 'boolean', default: false },
  profile: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
});

/** @param {string} text @returns {SuiteName[]} */
function readSuites(text) {
  return text.split(',').map((name) => {
    const known = suiteNames.find((suite) => suite === name);
    if (!known) throw new Error(`--suite "${name}" is unknown; known are ${suiteNames.join(', ')}`);
    return known;
  });
}

/** @param {readonly string[]} args @returns {Options} Throws with advice for what it does not know. */
export function readOptions(args) {
  const { values } = parseArgs({ args: [...args], options: definitions });
  const runs = Number(values.runs ?? (values.quick ? 1 : 5));
  if (!Number.isSafeInteger(runs) || runs < 1) throw new Error(`--runs must be a whole number from 1 on`);
  const suites = readSuites(values.suite);
  if (values['write-readme'] && (suites.length < suiteNames.length || values.clients !== undefined || values.quick)) {
    throw new Error('--write-readme needs one whole run: no --suite, --clients or --quick');
  }
  return {
    suites,
    runs,
    quick: values.quick,
    only: values.clients?.split(','),
    json: values.json,
    writeReadme: values['write-readme'],
    showRequests: values['show-requests'],
    profile: values.profile,
    help: values.help,
  };
}
