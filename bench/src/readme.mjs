/**
 * Writes the figures of a result into the README, between two marks: `node bench/src/readme.mjs <result.json>`, or
 * `npm run bench -- --write-readme`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, root } from '../../scripts/lib/workspace.mjs';
import { clients } from './clients.mjs';
import { duration } from './table.mjs';

/**
 * @typedef {import('./medians.mjs').Row} Row
 * @typedef {{ node: string, machine: string, runs: number, rows: readonly Row[] }} Result
 */

const START = '<!-- figures:start (npm run bench -- --write-readme; do not edit by hand) -->';
const END = '<!-- figures:end -->';

/** @param {Row} row */
const cpu = (row) => duration(row.cpuUs);
/** @param {Row} row */
const wall = (row) => duration(1e6 / row.opsPerSecond);

/** @type {readonly { title: string, op: string, cell: (row: Row) => string }[]} */
const columns = [
  { title: 'GET 1 KiB', op: 'get', cell: cpu },
  { title: 'PUT 1 KiB', op: 'put', cell: cpu },
  { title: 'list 100,000 keys', op: 'list', cell: cpu },
  { title: 'stream 1 GiB', op: 'stream', cell: cpu },
  { title: '1 GiB to a file, 90 MB/s a connection (wall)', op: 'download-slow', cell: wall },
  { title: '1 GiB from a file', op: 'upload', cell: cpu },
  { title: 'start to first read', op: 'cold', cell: cpu },
];

/** @param {Result} result */
export function figuresTable(result) {
  const names = clients.map(({ name }) => name).filter((name) => result.rows.some(({ client }) => client === name));
  const lines = names.map((name) => {
    const cells = columns.map(({ op, cell }) => {
      const row = result.rows.find((candidate) => candidate.client === name && candidate.op === op);
      return row ? cell(row) : '';
    });
    return `| ${[name, ...cells].join(' | ')} |`;
  });
  return [
    `CPU of the client for one operation; medians of ${result.runs} runs, each in a process of its own, on ${result.machine}, Node ${result.node}.`,
    '',
    `| client | ${columns.map(({ title }) => title).join(' | ')} |`,
    `|---|${columns.map(() => '---:').join('|')}|`,
    ...lines,
  ].join('\n');
}

/** @param {Result} result Throws when the README has no place for the figures. */
export function writeReadme(result) {
  const path = join(root, 'README.md');
  const text = readFileSync(path, 'utf8');
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start === -1 || end < start)
    throw new Error(`README.md has no place for figures; put these lines into it:\n${START}\n${END}`);
  writeFileSync(path, `${text.slice(0, start)}${START}\n\n${figuresTable(result)}\n\n${text.slice(end)}`);
}

if (isMain(import.meta.url)) writeReadme(JSON.parse(readFileSync(/** @type {string} */ (process.argv[2]), 'utf8')));
