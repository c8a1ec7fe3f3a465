/**
 * Measures what the portable API adds to a driver call: CPU per operation over a driver that does nothing, less that of the bare call.
 * Needs `npm run build`. Prints a table, and with `--json` one JSON object as its last line.
 */
import { Readable } from 'node:stream';
import { storageOver } from '@stowage/core';
import { median } from './src/medians.mjs';

const ROUNDS = 7;
const OPERATIONS = 200_000;
const GOAL_US = 5;

const bytes = Buffer.alloc(1024, 'x');
const key = 'documents/2026/report.txt';
const record = { key, size: bytes.length, etag: 'e' };
const driver = /** @type {import('@stowage/core/spi').StorageDriver} */ (
  /** @type {unknown} */ ({
    type: 'noop',
    capabilities: {
      keys: { maxBytes: 1024 },
      containers: {},
      list: { order: 'bytes', delimiter: 'any', startAfter: true, maxLimit: 1000, consistency: 'strong', prefix: true },
      read: { ranges: true, suffixRanges: true, conditions: [] },
      put: { maxBytes: 5e9, unknownSize: false, conditions: ['ifNoneMatch'], attributes: ['contentType', 'metadata'] },
      delete: { conditions: [], tellsMissing: false },
      metadata: { names: 'lower-case', maxBytes: 2048 },
      checksums: { upload: [], reported: [] },
    },
    read: async () => ({ record, range: { start: 0, end: bytes.length }, bytes }),
    put: async () => ({ record, verified: 'service' }),
    stat: async () => record,
    delete: async () => ({}),
  })
);

const container = storageOver(driver).container('box');
const ref = { container: 'box', key };
const ctx = { attempt: 1 };
const body = { size: bytes.length, replayable: true, bytes, open: () => Readable.from([bytes]) };

/** @type {Readonly<Record<string, readonly [bare: () => Promise<unknown>, portable: () => Promise<unknown>]>>} */
const calls = {
  'bytes()': [() => driver.read(ref, { want: 'bytes' }, ctx), () => container.object(key).bytes()],
  'put()': [() => driver.put(ref, body, {}, ctx), () => container.put(key, bytes)],
  'getObject()': [() => driver.stat(ref, {}, ctx), () => container.getObject(key)],
  'deleteObject()': [() => driver.delete(ref, {}, ctx), () => container.deleteObject(key)],
};

/** Median CPU of one call, in microseconds. @param {() => Promise<unknown>} call */
async function measure(call) {
  const rounds = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const before = process.cpuUsage();
    for (let index = 0; index < OPERATIONS; index++) await call();
    const { user, system } = process.cpuUsage(before);
    rounds.push((user + system) / OPERATIONS);
  }
  // The first round warms up.
  return median(rounds.slice(1));
}

const rows = [];
for (const [op, [bare, portable]] of Object.entries(calls)) {
  const cpuUs = (await measure(portable)) - (await measure(bare));
  rows.push({ op, cpuUs: Number(cpuUs.toFixed(2)), goal: GOAL_US, met: cpuUs < GOAL_US });
}
console.table(rows);
if (process.argv.includes('--json')) console.log(JSON.stringify({ suite: 'core-overhead', rows }));
if (rows.some(({ met }) => !met)) process.exitCode = 1;
