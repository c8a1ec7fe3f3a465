import { Readable } from 'node:stream';
import {
  type CallContext,
  checkReadable,
  type ContentRange,
  digestOf,
  type ObjectRef,
  placeRange,
  type ReadRequest,
  type ReadResult,
  StorageError,
} from '@stowage/core/spi';
import type { WireResponse } from '@stowage/http';
import type { NimbusClient } from './client.js';
import { exactly, wrongLength } from './exact-stream.js';
import { retrieveCall } from './requests.js';
import { askMetadata, type Snapshot, snapshotOf, statVersion, takeSnapshot, versionRecord } from './stat.js';

/** An object that is replaced each time that it is read is given up. */
const MOST_REPLACEMENTS = 100;

/**
 * Bytes and facts come in two answers, which a put between them makes those of two versions. A small body proves itself by its
 * digest; for everything else the facts are asked for before and after, until nothing was written between.
 */
export async function readObject(
  client: NimbusClient,
  ref: ObjectRef,
  request: ReadRequest,
  ctx: CallContext,
): Promise<ReadResult> {
  if (ref.versionId !== undefined) return readVersion(client, ref, request, ctx);
  if (request.want === 'bytes' && !request.range) {
    const proven = await readProven(client, ref, request, ctx);
    if (proven) return proven;
  }
  let before = await takeSnapshot(client, ref, ctx);
  for (let replacements = 0; replacements < MOST_REPLACEMENTS; replacements++) {
    checkReadable(ref, before.record, request);
    const range = placeRange(ref, request.range, before.record.size);
    if (range.end === range.start) return emptyResult(before, request);
    const response = await client.send(retrieveCall(ref, request.want, request.range && range), ctx);
    try {
      const after = await takeSnapshot(client, ref, ctx);
      if (after.mark === before.mark) return toResult(before, range, response);
      before = after;
    } catch (error) {
      drop(response);
      throw error;
    }
    drop(response);
  }
  throw new StorageError('unavailable', `Object "${ref.key}" was replaced each time that it was read.`);
}

/** Asks for both at once. Undefined when the bytes are not, or not provably, those that the facts are of. */
async function readProven(
  client: NimbusClient,
  ref: ObjectRef,
  request: ReadRequest,
  ctx: CallContext,
): Promise<ReadResult | undefined> {
  const asking = askMetadata(client, ref, ctx);
  // Nobody may be there to hear it when the other request fails first.
  asking.catch(() => undefined);
  const { bytes } = await client.send(retrieveCall(ref, 'bytes'), ctx);
  const snapshot = snapshotOf(ref, await asking);
  const facts = snapshot?.facts;
  if (!snapshot || facts?.crc32 === undefined) return undefined;
  const { record } = snapshot;
  if (record.size > 0 && (record.size !== bytes.length || digestOf('crc32', bytes) !== facts.crc32)) return undefined;
  checkReadable(ref, record, request);
  return { record, range: { start: 0, end: record.size }, bytes: record.size === 0 ? Buffer.alloc(0) : bytes };
}

function toResult({ record }: Snapshot, range: ContentRange, { stream, bytes }: WireResponse): ReadResult {
  const size = range.end - range.start;
  if (stream) return { record, range, stream: exactly(stream, size) };
  if (bytes.length !== size) throw wrongLength(`${String(bytes.length)} bytes instead of ${String(size)}`);
  return { record, range, bytes };
}

/** An empty object is stored as one byte, which nobody wants. */
function emptyResult({ record }: Snapshot, { want }: ReadRequest): ReadResult {
  const range = { start: 0, end: 0 };
  return want === 'bytes'
    ? { record, range, bytes: Buffer.alloc(0) }
    : { record, range, stream: Readable.from([], { objectMode: false }) };
}

/** A version stays as it is, but its size is known only when it was read. */
async function readVersion(
  client: NimbusClient,
  ref: ObjectRef,
  request: ReadRequest,
  ctx: CallContext,
): Promise<ReadResult> {
  if (request.want === 'bytes' && !request.range) {
    const response = await client.send(retrieveCall(ref, 'bytes'), ctx);
    const { bytes } = response;
    const record = versionRecord(ref, bytes.length, response);
    checkReadable(ref, record, request);
    return { record, range: { start: 0, end: bytes.length }, bytes };
  }
  const record = await statVersion(client, ref, ctx);
  checkReadable(ref, record, request);
  const range = placeRange(ref, request.range, record.size);
  const response = await client.send(retrieveCall(ref, request.want, request.range && range), ctx);
  return toResult({ record, mark: '', facts: undefined }, range, response);
}

function drop({ stream }: WireResponse): void {
  stream?.on('error', () => undefined).destroy();
}
