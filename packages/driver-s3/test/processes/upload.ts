/**
 * Sends a body in parts; begins the upload, or goes on with one. Prints a line for each step, the token first.
 * Arguments: JSON of { settings, container, key, size, partSize, token? }.
 */
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { Readable } from 'node:stream';
import { openStorage } from '@stowage/core';
import { driver } from '../../src/index.js';

interface Job {
  readonly settings: {
    readonly endpoint: string;
    readonly user: string;
    readonly key: string;
    readonly service: string;
  };
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
    const block = Buffer.alloc(
      Math.min(MIB, job.size - index * MIB),
      createHash('sha256').update(String(index)).digest(),
    );
    const rest = block.subarray(at - index * MIB);
    at += rest.length;
    yield rest;
  }
}

const sent: number[] = [];
subscribe('stowage:request:start', (message) => {
  const { method, path } = message as { readonly method: string; readonly path: string };
  const number = method === 'PUT' ? /[?&]partNumber=(\d+)/.exec(path)?.[1] : undefined;
  if (number !== undefined) sent.push(Number(number));
});

function say(step: object): void {
  process.stdout.write(`${JSON.stringify(step)}\n`);
}

const storage = openStorage(driver, job.settings);
const box = storage.container(job.container);
const upload =
  job.token === undefined
    ? await box.createUpload(job.key, { size: job.size, partSize: job.partSize })
    : await box.resumeUpload(job.token);
say({ token: upload.token, receivedBytes: upload.receivedBytes });
const onProgress = ({ transferred }: { transferred: number }): void => say({ transferred });
await upload.send(Readable.from(content(upload.receivedBytes)), { onProgress });
const hash = createHash('sha256');
for (const block of content(0)) hash.update(block);
say({ done: true, sha256: hash.digest('hex'), sent });
await storage.close();
