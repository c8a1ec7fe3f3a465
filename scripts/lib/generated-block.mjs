import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { report, root } from './workspace.mjs';

/**
 * Writes generated text between two marks of a page. With `--check` it leaves the page as it is, and reports when that is not up to date.
 * `block` finds the first mark, what is between, and the last mark; `title` and `script` are for the report.
 * @param {{ title: string, script: string, page: string, block: RegExp, text: string }} generated
 */
export function keepBlock({ title, script, page, block, text }) {
  const before = readFileSync(page, 'utf8');
  const after = before.replace(block, (_, start, end) => `${start}\n\n${text}\n\n${end}`);
  if (!process.argv.includes('--check')) {
    writeFileSync(page, after);
    return;
  }
  const problem = `${relative(root, page)} is not up to date; run: node scripts/${script}`;
  report(title, before === after ? [] : [problem]);
}
