/** What is done with a client in its own process, one function for each operation. */
import assert from 'node:assert/strict';
import { createReadStream, rmSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { contentFrom } from '../responder/content.mjs';
import { meter } from './meter.mjs';
import { repeat } from './repeat.mjs';

/**
 * @typedef {import('./meter.mjs').Figures} Figures
 * @typedef {{
 *   op: string, inFlight: number, warmUp: { minCalls: number, minMs: number }, measured: { minCalls: number, minMs: number },
 *   bytes: number, keys: number, warmUpKeys: number, partSize: number, concurrency: number, path: string,
 * }} Plan
 */

const SMALL_BYTES = 1024;
const SMALL_KEYS = 1000;

/** @param {number} index */
const smallKey = (index) => `${SMALL_BYTES}/object-${index % SMALL_KEYS}.bin`;

/** @param {Plan} plan @param {(key: string) => Promise<unknown>} call @returns {Promise<Figures>} */
async function small({ inFlight, warmUp, measured }, call) {
  const byIndex = (/** @type {number} */ index) => call(smallKey(index));
  await repeat(byIndex, { inFlight, ...warmUp });
  return meter(() => repeat(byIndex, { inFlight, ...measured }));
}

/** @param {any} client @param {Plan} plan */
async function get(client, plan) {
  const expected = contentFrom(0, SMALL_BYTES);
  assert.ok(expected.equals(await client.get(smallKey(0))), 'the client gave other bytes than are stored');
  return small(plan, async (key) => {
    const bytes = await client.get(key);
    if (bytes.length !== SMALL_BYTES) throw new Error(`${bytes.length} bytes instead of ${SMALL_BYTES}`);
  });
}

/** @param {any} client @param {Plan} plan */
function put(client, plan) {
  const body = Buffer.from(contentFrom(0, SMALL_BYTES));
  return small(plan, (key) => client.put(key, body));
}

/** @param {any} client @param {Plan} plan */
async function list(client, { keys, warmUpKeys }) {
  assert.equal(await client.list(`list-${warmUpKeys}`), warmUpKeys);
  return meter(async () => {
    assert.equal(await client.list(`list-${keys}`), keys);
    return 1;
  });
}

/** Peak of memory while very many keys go by, above what the process held before. @param {any} client @param {Plan} plan */
async function listMemory(client, { keys, warmUpKeys }) {
  assert.equal(await client.list(`list-${warmUpKeys}`), warmUpKeys);
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
  const figures = await meter(async () => {
    assert.equal(await client.list(`list-${keys}`), keys);
    return 1;
  });
  clearInterval(timer);
  return { ...figures, rssMB: (peak - before) / 1e6 };
}

/** @param {any} client @param {Plan} plan */
function stream(client, { bytes }) {
  return meter(async () => {
    const body = await client.stream(`${bytes}/large.bin`);
    let received = 0;
    await new Promise((resolve, reject) => {
      body.on('data', (/** @type {Buffer} */ chunk) => (received += chunk.length));
      body.on('end', resolve);
      body.on('error', reject);
    });
    assert.equal(received, bytes);
    return 1;
  });
}

/** @param {any} client @param {Plan} plan */
async function download(client, { bytes, path }) {
  const figures = await meter(async () => {
    await client.download(`${bytes}/large.bin`, path);
    return 1;
  });
  assert.equal(statSync(path).size, bytes);
  let at = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
    assert.ok(chunk.equals(contentFrom(at, chunk.length)), `the file differs after byte ${at}`);
    at += chunk.length;
  }
  rmSync(path);
  return figures;
}

/** @param {any} client @param {Plan} plan */
function upload(client, { bytes, path, partSize, concurrency }) {
  return meter(async () => {
    await client.uploadFile(path, `${bytes}/uploaded.bin`, { partSize, concurrency });
    return 1;
  });
}

/** @param {any} client @param {Plan} plan */
function uploadStream(client, { bytes, partSize, concurrency }) {
  let at = 0;
  const source = new Readable({
    read(size) {
      const chunk = contentFrom(at, Math.min(size, bytes - at));
      at += chunk.length;
      this.push(chunk.length === 0 ? null : chunk);
    },
  });
  return meter(async () => {
    await client.uploadStream(source, `${bytes}/uploaded.bin`, { partSize, concurrency });
    return 1;
  });
}

/** @type {Readonly<Record<string, (client: any, plan: Plan) => Promise<Figures>>>} */
export const operations = {
  get,
  put,
  head: (client, plan) => small(plan, (key) => client.head(key)),
  delete: (client, plan) => small(plan, (key) => client.remove(key)),
  list,
  'list-memory': listMemory,
  stream,
  download,
  upload,
  'upload-stream': uploadStream,
};
