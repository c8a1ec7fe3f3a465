/**
 * Sends a body in segments; begins the upload, or goes on with one. Prints a line for each step, the token first.
 * Arguments: JSON of { settings, container, key, size, partSize, token? }.
 */
import { Readable } from 'node:stream';
import { openStorage } from '@stowage/core';
import { driver, type OpenStackOptions } from '../../src/index.js';
import { content } from '../content.js';

interface Job {
  readonly settings: OpenStackOptions;
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

const storage = openStorage(driver, job.settings);
const box = storage.container(job.container);
const upload =
  job.token === undefined
    ? await box.createUpload(job.key, { size: job.size, partSize: job.partSize })
    : await box.resumeUpload(job.token);
say({ token: upload.token, receivedBytes: upload.receivedBytes });
const onProgress = ({ transferred }: { transferred: number }): void => say({ transferred });
await upload.send(Readable.from(content(job.size, upload.receivedBytes)), { onProgress });
say({ done: true });
await storage.close();
