/** Packs each public package and asks publint and arethetypeswrong what a user's tools would make of it. */
import { readFileSync } from 'node:fs';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packAll } from './lib/pack.mjs';
import { run } from './lib/run.mjs';
import { report } from './lib/workspace.mjs';

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

const problems = [];
for (const pkg of await packAll()) problems.push(...(await askPublint(pkg)), ...(await askTypes(pkg)));
report('packages', problems);
