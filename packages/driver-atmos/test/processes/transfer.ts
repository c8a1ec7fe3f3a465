/**
 * Sends a body of a length that nobody is told, or goes on with an upload, and reads it back. Prints a line for each step, the token
 * first. Arguments: JSON of { settings, key, size, partSize, token?, roundTrip? }.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { openStorage } from '@stowage/core';
import { driver } from '../../src/index.js';

interface Job {
  readonly settings: { readonly endpoint: string; readonly user: string; readonly key: string };
  readonly key: string;
  readonly size: number;
  readonly partSize: number;
  readonly token?: string;
  readonly roundTrip?: boolean;
}

const job = JSON.parse(process.argv[2] as string) as Job;
const MIB = 1024 ** 2;

/** The same bytes each time: a block for each mebibyte, by its number. */
function* content(from: number): Generator<Buffer> {
  for (let at = from; at < job.size;) {
    const index = Math.floor(at / MIB);
    const size = Math.min(MIB, job.size - index * MIB);
    const block = Buffer.alloc(size, createHash('sha256').update(String(index)).digest());
    const rest = block.subarray(at - index * MIB);
    at += rest.length;
    yield rest;
  }
}

function digestOfContent(): string {
  const hash = createHash('sha256');
  for (const block of content(0)) hash.update(block);
  return hash.digest('hex');
}

function say(step: object): void {
  process.stdout.write(`${JSON.stringify(step)}\n`);
}

const storage = openStorage(driver, job.settings);
const box = storage.container('box');

if (job.roundTrip === true) {
  const object = await box.put(job.key, Readable.from(content(0)), { partSize: job.partSize });
  const stream = await object.stream();
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  const whole = hash.digest('hex') === digestOfContent();
  const { maxRSS } = process.resourceUsage();
  say({ size: object.size, whole, verified: stream.verified, rssMiB: Math.round(maxRSS / 1024) });
} else {
  const upload =
    job.token === undefined
      ? await box.createUpload(job.key, { size: job.size, partSize: job.partSize })
      : await box.resumeUpload(job.token);
  say({ token: upload.token, receivedBytes: upload.receivedBytes });
  const onProgress = ({ transferred }: { transferred: number }): void => say({ transferred });
  await upload.send(Readable.from(content(upload.receivedBytes)), { onProgress });
  say({ done: true, sha256: digestOfContent() });
}
await storage.close();
