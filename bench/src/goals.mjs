/** What Stowage must reach, as data: each goal compares two rows of the same run, or bounds one. */
import { round } from './medians.mjs';
import { CONCURRENCY, PART_BYTES } from './suites/large.mjs';

/**
 * @typedef {import('./medians.mjs').Row} Row @typedef {import('./rounds.mjs').Ratio} Ratio
 * @typedef {'CPU' | 'wall' | 'RSS'} Measure
 * @typedef {{ measure: Measure, client?: string, op: string, to?: { client: string, op: string }, goal: number }} Goal
 */

const us = 'stowage';
const uploadRssMB = (PART_BYTES * (CONCURRENCY + 1)) / 1e6 + 100;

/** Of the price of these clients, Stowage's GET and PUT may cost so much. */
const small = /** @type {const} */ ([
  ['aws-sdk', 0.12],
  ['flystorage', 0.12],
  ['flydrive', 0.12],
  ['minio', 0.4],
  ['opendal', 1],
  ['undici-dispatch', 1.5],
]);

/** @param {Measure} measure @param {string} op @param {string} client @param {number} goal @returns {Goal} */
const against = (measure, op, client, goal) => ({ measure, op, to: { client, op }, goal });

/** @type {readonly Goal[]} */
const goals = [
  ...['get', 'put'].flatMap((op) => small.map(([client, goal]) => against('CPU', op, client, goal))),
  { measure: 'CPU', op: 'head', to: { client: us, op: 'get' }, goal: 1 },
  { measure: 'CPU', op: 'delete', to: { client: us, op: 'get' }, goal: 1 },

  against('CPU', 'list', 'aws-sdk', 0.15),
  against('CPU', 'list', 'opendal', 0.6),
  { measure: 'RSS', op: 'list-memory', goal: 30 },

  against('CPU', 'stream', 'undici-request', 1.05),
  against('wall', 'download', 'aws-sdk', 1),
  against('wall', 'download-slow', 'aws-sdk', 0.35),
  { measure: 'RSS', op: 'download', goal: 200 },
  { measure: 'RSS', op: 'download-slow', goal: 200 },
  against('CPU', 'upload', 'aws-lib-storage', 0.3),
  against('wall', 'upload', 'aws-lib-storage', 0.4),
  { measure: 'RSS', op: 'upload', goal: uploadRssMB },
  { measure: 'RSS', op: 'upload-stream', goal: uploadRssMB },
  { measure: 'RSS', op: 'upload-stream-slow', goal: uploadRssMB },

  against('CPU', 'cold', 'aws-sdk', 0.6),

  ...['stowage-gcs', 'stowage-gcs-oauth'].flatMap((client) => [
    { ...against('CPU', 'get', 'google-cloud', 0.12), client },
    { ...against('CPU', 'put', 'google-cloud', 0.12), client },
    { ...against('CPU', 'list', 'google-cloud', 0.25), client },
  ]),

  ...['stowage-swift', 'stowage-atmos', 'stowage-nimbus'].flatMap((client) => [
    { ...against('CPU', 'get', us, 1.3), client },
    { ...against('CPU', 'put', us, 1.3), client },
  ]),
  { ...against('CPU', 'list', us, 1.3), client: 'stowage-swift' },
];

/** @param {Measure} measure @param {Row} row */
function valueOf(measure, row) {
  if (measure === 'CPU') return row.cpuUs;
  return measure === 'wall' ? 1 / row.opsPerSecond : row.rssMB;
}

/** @param {Goal} goal */
function nameOf({ measure, client, op, to }) {
  const what = client === undefined ? op : `${client} ${op}`;
  if (!to) return `${what}: ${measure}, MB`;
  const other = to.client === us ? `our ${to.op}` : to.client;
  return `${what}: ${measure} / ${other}`;
}

/** Every goal of which both rows were measured. @param {readonly Row[]} rows @returns {Ratio[]} */
export function compare(rows) {
  const rowOf = (/** @type {string} */ client, /** @type {string} */ op) =>
    rows.find((row) => row.client === client && row.op === op);
  return goals.flatMap((goal) => {
    const ours = rowOf(goal.client ?? us, goal.op);
    const theirs = goal.to && rowOf(goal.to.client, goal.to.op);
    if (!ours || (goal.to && !theirs)) return [];
    const value = valueOf(goal.measure, ours) / (theirs ? valueOf(goal.measure, theirs) : 1);
    return [{ name: nameOf(goal), value: round(value), goal: round(goal.goal), met: value <= goal.goal }];
  });
}
