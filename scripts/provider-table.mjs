/** Writes the table of providers into README.md out of core's own registry; `--check` fails when it is not up to date. */
import { join } from 'node:path';
import { keepBlock } from './lib/generated-block.mjs';
import { isMain, listPackages, root } from './lib/workspace.mjs';

/** @typedef {{ constant: string, title: string, packageName?: string, aliases: readonly string[], note?: string, needsEndpoint: boolean }} Row */

const readme = join(root, 'README.md');
const block = /(<!-- providers:start[^>]*-->)[\s\S]*?(<!-- providers:end -->)/;

/** Regions of one service are one line. @param {readonly Row[]} rows @returns {string[]} */
function foldAmazon(rows) {
  const amazon = rows.filter(({ title }) => title.startsWith('Amazon S3'));
  const constants = amazon.map(({ constant }) => `\`${constant}\``).join(' ');
  return [`| Amazon S3, any region | ${constants}, each also with \`_HOST\` | \`${amazon[0]?.packageName}\` |`];
}

/** @param {Row} row @param {ReadonlySet<string>} here names of the packages that this repository has */
function toLine({ constant, title, packageName, aliases, needsEndpoint, note }, here) {
  const spellings = [constant, ...aliases.map((name) => name.toUpperCase())].filter(
    (name, at, all) => all.indexOf(name) === at,
  );
  const remarks = [needsEndpoint ? 'Needs `endpoint`.' : undefined, note]
    .filter((text) => text !== undefined)
    .join(' ');
  const driver =
    packageName === undefined ? (title.startsWith('Memory') ? 'built in' : 'none of ours') : `\`${packageName}\``;
  const state = packageName === undefined || here.has(packageName) ? driver : `${driver} (not yet)`;
  return `| ${title}${remarks === '' ? '' : `<br>${remarks}`} | ${spellings.map((name) => `\`${name}\``).join(' ')} | ${state} |`;
}

async function makeTable() {
  const { knownProviders } = await import(join(root, 'packages/core/dist/index.js'));
  /** @type {readonly Row[]} */
  const rows = knownProviders();
  const here = new Set(listPackages().map(({ manifest }) => manifest.name));
  const others = rows.filter(({ title }) => !title.startsWith('Amazon S3')).map((row) => toLine(row, here));
  return ['| provider | `type` | driver |', '|---|---|---|', ...foldAmazon(rows), ...others].join('\n');
}

async function main() {
  const text = await makeTable();
  keepBlock({ title: 'provider table', script: 'provider-table.mjs', page: readme, block, text });
}

if (isMain(import.meta.url)) await main();
