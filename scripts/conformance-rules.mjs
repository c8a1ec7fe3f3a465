/**
 * Writes the rules of the conformance suite into docs/conformance-rules.md, as the testkit has them; `--check` fails when the page is not
 * up to date. The testkit must be built.
 */
import { join } from 'node:path';
import { keepBlock } from './lib/generated-block.mjs';
import { isMain, root } from './lib/workspace.mjs';

/** @typedef {import('../packages/testkit/src/conformance.js').ConformanceCase} ConformanceCase */

const page = join(root, 'docs/conformance-rules.md');
const block = /(<!-- rules:start[^>]*-->)[\s\S]*?(<!-- rules:end -->)/;

/** Titles quote keys of every kind: nothing of them is Markdown, HTML or Vue, and what cannot be seen is written out. @param {string} title */
function escape(title) {
  return title
    .replace(/[\p{C}\u0300-\u036f]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
    .replace(/[\\`*_{}[\]<>|#$~&]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @param {readonly ConformanceCase[]} rules @param {readonly string[]} groups */
function makeTables(rules, groups) {
  const everyDriver = rules.find(({ id }) => id === 'read/bytes')?.applies;
  return groups
    .map((group) => {
      const rows = rules
        .filter((rule) => rule.group === group)
        .map(
          ({ id, title, applies }) => `| \`${id}\` | ${escape(title)} | ${applies === everyDriver ? 'always' : ''} |`,
        );
      return [`## ${group}`, '', '| rule | the driver | |', '| --- | --- | --- |', ...rows].join('\n');
    })
    .join('\n\n');
}

async function main() {
  const { conformanceCases, GROUPS } = await import(join(root, 'packages/testkit/dist/conformance.js'));
  const text = makeTables(conformanceCases, GROUPS);
  keepBlock({ title: 'conformance rules', script: 'conformance-rules.mjs', page, block, text });
}

if (isMain(import.meta.url)) await main();
