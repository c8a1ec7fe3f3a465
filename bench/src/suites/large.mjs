/** One object of 1 GiB: as a stream, to a file, from a file, from a stream of unknown length. */
import { mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientsFor } from '../clients.mjs';
import { runChild } from '../measure/run-child.mjs';
import { contentFrom } from '../responder/content.mjs';
import { runRounds, targetAt } from '../rounds.mjs';

/** @typedef {import('../clients.mjs').Op} Op */

export const PART_BYTES = 8_388_608;
export const CONCURRENCY = 4;

/** @param {string} path @param {number} bytes */
function writeContent(path, bytes) {
  const file = openSync(path, 'w');
  for (let at = 0; at < bytes;) at += writeSync(file, contentFrom(at, bytes - at));
  closeSync(file);
}

/** Operations, and how the responder behaves for them. @type {readonly { op: Op, row: string, isSlow: boolean }[]} */
const steps = [
  { op: 'stream', row: 'stream', isSlow: false },
  { op: 'download', row: 'download', isSlow: false },
  { op: 'download', row: 'download-slow', isSlow: true },
  { op: 'upload', row: 'upload', isSlow: false },
  { op: 'upload-stream', row: 'upload-stream', isSlow: false },
  { op: 'upload-stream', row: 'upload-stream-slow', isSlow: true },
];

/** @param {import('../rounds.mjs').Context} context */
export async function measureLarge(context) {
  const { endpoint, slowEndpoint } = context.responder;
  const folder = mkdtempSync(join(tmpdir(), 'stowage-bench-'));
  const bytes = context.quick ? 134_217_728 : 1_073_741_824;
  const uploaded = join(folder, 'upload.bin');
  const fixed = { bytes, partSize: PART_BYTES, concurrency: CONCURRENCY };
  const tasks = steps.flatMap(({ op, row, isSlow }) =>
    clientsFor(op).map(({ name, file }) => ({
      client: name,
      op: row,
      measure: () => {
        const path = op === 'upload' ? uploaded : join(folder, 'download.bin');
        const target = targetAt(isSlow ? slowEndpoint : endpoint);
        return runChild({ file, target, plan: { op, path, ...fixed } }, context.nodeOptions);
      },
    })),
  );
  try {
    writeContent(uploaded, bytes);
    return await runRounds(context, tasks);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
