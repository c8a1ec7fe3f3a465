/** Packs each public package and asks publint and arethetypeswrong what a user's tools would make of it. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packAll } from './lib/pack.mjs';
import { run } from './lib/run.mjs';
import { report, stateFolder } from './lib/workspace.mjs';

/** @typedef {import('./lib/pack.mjs').PackedPackage} PackedPackage */

/** @param {PackedPackage} pkg @returns {Promise<string[]>} */
async function askPublint({ folder, manifest, tarball }) {
  const bytes = readFileSync(tarball);
  const { messages } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true });
  return messages.map(
    (message) => `packages/${folder}: publint: ${formatMessage(message, manifest, { color: false })}`,
  );
}

/** @param {PackedPackage} pkg @returns {Promise<string[]>} */
async function askTypes({ folder, tarball }) {
  const args = [
    'node_modules/@arethetypeswrong/cli/dist/index.js',
    tarball,
    '--profile',
    'esm-only',
    '--no-color',
    '--no-emoji',
  ];
  const { status, output } = await run(process.execPath, args, { quiet: true });
  return status === 0 ? [] : [`packages/${folder}: arethetypeswrong:\n${output}`];
}

const folder = join(stateFolder, `packs-${process.pid}`);
const problems = [];
try {
  for (const pkg of await packAll(folder)) problems.push(...(await askPublint(pkg)), ...(await askTypes(pkg)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report('packages', problems);
