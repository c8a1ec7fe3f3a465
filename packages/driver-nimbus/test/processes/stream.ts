/**
 * Stores a stream of unknown length in one process, or in two: begins it, or goes on with it by its token. Then reads it back. Prints a
 * line for each step, the token first. Arguments: JSON of { settings, container, key, size, partSize, token? }.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { openStorage } from '@stowage/core';
import { driver } from '../../src/index.js';
import { content } from './content.js';

interface Job {
  readonly settings: { readonly endpoint: string; readonly user: string; readonly key: string; readonly keyId: string };
  readonly container: string;
  readonly key: string;
  readonly size: number;
  readonly partSize: number;
  readonly token?: string;
}

const job = JSON.parse(process.argv[2] as string) as Job;

function say(step: object): void {
  process.stdout.write(`${JSON.stringify(step)}\n`);
}

/** Of this program alone: Linux counts to `maxRSS` also what the process was that it was forked from. */
function peakKibibytes(): number {
  const { maxRSS } = process.resourceUsage();
  if (process.platform !== 'linux') return maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? maxRSS);
}

const storage = openStorage(driver, job.settings);
const box = storage.container(job.container);
const upload =
  job.token === undefined
    ? await box.createUpload(job.key, { partSize: job.partSize })
    : await box.resumeUpload(job.token);
say({ token: upload.token, receivedBytes: upload.receivedBytes });
const startMs = performance.now();
const onProgress = ({ transferred }: { transferred: number }): void => say({ transferred });
const { verified } = await upload.send(Readable.from(content(job.size, upload.receivedBytes)), { onProgress });
const writtenMs = performance.now();
const hash = createHash('sha256');
for await (const chunk of await box.object(job.key).stream()) hash.update(chunk as Buffer);
say({
  ...{ done: true, verified, sha256: hash.digest('hex') },
  writeSeconds: (writtenMs - startMs) / 1000,
  readSeconds: (performance.now() - writtenMs) / 1000,
  peakMebibytes: peakKibibytes() / 1024,
});
await storage.close();
