/**
 * Sends a body in parts; begins the upload, or goes on with one. Prints a line for each step, the token first. When the upload fails it
 * exits with 3, so that another process may go on. Arguments: JSON of { settings, container, key, size, partSize, token? }.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { openStorage } from '@stowage/core';
import { createDigest } from '@stowage/core/spi';
import { driver } from '../../src/index.js';

interface Job {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly container: string;
  readonly key: string;
  readonly size: number;
  readonly partSize: number;
  readonly token?: string;
}

const job = JSON.parse(process.argv[2] as string) as Job;
const MIB = 1024 ** 2;

/** The same bytes each time: a block for each mebibyte, by its number. */
function* content(from: number): Generator<Buffer> {
  for (let at = from; at < job.size;) {
    const index = Math.floor(at / MIB);
    const length = Math.min(MIB, job.size - index * MIB);
    const block = Buffer.alloc(length, createHash('sha256').update(String(index)).digest());
    const rest = block.subarray(at - index * MIB);
    at += rest.length;
    yield rest;
  }
}

function say(step: object): void {
  process.stdout.write(`${JSON.stringify(step)}\n`);
}

const storage = openStorage(driver, job.settings, { retry: false });
const box = storage.container(job.container);
const upload =
  job.token === undefined
    ? await box.createUpload(job.key, { size: job.size, partSize: job.partSize })
    : await box.resumeUpload(job.token);
say({ token: upload.token, receivedBytes: upload.receivedBytes });
// Not `resourceUsage`: its peak is also that of the process that started this one.
let peakRssBytes = 0;
const onProgress = ({ transferred }: { transferred: number }): void => {
  peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
  say({ transferred });
};
try {
  await upload.send(Readable.from(content(upload.receivedBytes)), { onProgress, concurrency: 1 });
  const digest = createDigest('crc32c');
  for (const block of content(0)) digest.update(block);
  say({ done: true, crc32c: digest.hex(), peakRssBytes });
} catch (error) {
  say({ failed: String(error) });
  process.exitCode = 3;
}
await storage.close();
