import { type BigIntStats, closeSync, fstatSync } from 'node:fs';
import {
  type BytesResult,
  type CallContext,
  checkReadable,
  type ContentRange,
  type ObjectRecord,
  type ObjectRef,
  placeRange,
  type ReadRequest,
  type ReadResult,
  type StatRequest,
  StorageError,
  type StreamResult,
} from '@stowage/core/spi';
import { readChunk } from './calls.js';
import { objectNotFound } from './errors.js';
import { type Facts, readFacts, toRecord } from './facts.js';
import { FileStream, truncated } from './file-stream.js';
import { etagOf, identityOf } from './identity.js';
import { placesOf } from './keys.js';
import type { LocalStore } from './store.js';

/** An object's bytes, open. Whoever has them closes `fd`. They stay what they are when the object is replaced or deleted. */
export interface OpenObject {
  readonly fd: number;
  readonly stats: BigIntStats;
}

/** Facts are read again when the object is replaced between the opening of its bytes and of its facts. */
const MOST_REPLACEMENTS = 100;

/** Opens an object; undefined when there is none. */
export async function openObject(store: LocalStore, ref: ObjectRef): Promise<OpenObject | undefined> {
  const { usual, displaced } = placesOf(ref.key);
  for (const names of [usual, displaced]) {
    const fd = await store.tree.openEntry(ref.container, names);
    if (fd === undefined) continue;
    const stats = fstatSync(fd, { bigint: true });
    if (stats.isFile()) return { fd, stats };
    closeSync(fd);
  }
  return undefined;
}

export async function statObject(store: LocalStore, ref: ObjectRef, request: StatRequest): Promise<ObjectRecord> {
  const { stats, facts } = await withObject(store, ref, async (object) => {
    checkReadable(ref, versionOf(object.stats), request);
    closeSync(object.fd);
  });
  return toRecord(ref.key, stats, facts);
}

type Content = Omit<BytesResult, 'record'> | Omit<StreamResult, 'record'>;

export async function readObject(
  store: LocalStore,
  ref: ObjectRef,
  request: ReadRequest,
  ctx: CallContext,
): Promise<ReadResult> {
  const use = async ({ fd, stats }: OpenObject): Promise<Content> => {
    checkReadable(ref, versionOf(stats), request);
    const range = placeRange(ref, request.range, Number(stats.size));
    if (request.want === 'stream') return { range, stream: new FileStream(fd, ref, range, ctx.signal) };
    const bytes = await readRange(fd, ref, range);
    closeSync(fd);
    return { range, bytes };
  };
  const { stats, facts, result } = await withObject(store, ref, use, ({ stream }) => void stream?.destroy());
  return { record: toRecord(ref.key, stats, facts), ...result };
}

/** Throws `object-not-found` or `container-not-found`, as the container is there or not. */
export async function failMissing(store: LocalStore, ref: ObjectRef): Promise<never> {
  (await store.openContainer(ref.container)).close();
  throw objectNotFound(ref);
}

export function versionOf(stats: BigIntStats): { readonly etag: string; readonly modifiedAtMs: number } {
  return { etag: etagOf(stats), modifiedAtMs: Number(stats.mtimeMs) };
}

/**
 * Opens an object, runs `use`, and reads the facts that belong to the bytes that were opened. `use` takes over the descriptor;
 * when it fails, the descriptor is closed here. `undo` frees what it gave when the object turns out to be replaced.
 */
export async function withObject<T>(
  store: LocalStore,
  ref: ObjectRef,
  use: (object: OpenObject) => Promise<T>,
  undo?: (result: T) => void,
): Promise<{ readonly stats: BigIntStats; readonly facts: Facts | undefined; readonly result: T }> {
  for (let replaced = 0; replaced < MOST_REPLACEMENTS; replaced++) {
    const object = await openObject(store, ref);
    if (!object) return await failMissing(store, ref);
    const { fd, stats } = object;
    const factsRead = readFacts(store, ref.container, ref.key, identityOf(stats));
    const [found, used] = await Promise.allSettled([factsRead, use(object)]);
    if (used.status === 'rejected') {
      closeSync(fd);
      throw used.reason;
    }
    if (found.status === 'fulfilled' && (found.value || (await isCurrent(store, ref, stats)))) {
      return { stats, facts: found.value, result: used.value };
    }
    undo?.(used.value);
    if (found.status === 'rejected') throw found.reason;
  }
  throw new StorageError('unavailable', `Object "${ref.key}" is replaced faster than it can be read.`);
}

/** True when the object of the key still is the one that was opened. */
async function isCurrent(store: LocalStore, ref: ObjectRef, opened: BigIntStats): Promise<boolean> {
  const object = await openObject(store, ref);
  if (!object) return false;
  closeSync(object.fd);
  return object.stats.ino === opened.ino && etagOf(object.stats) === etagOf(opened);
}

const MOST_READ_BYTES = 1 << 30;

async function readRange(fd: number, ref: ObjectRef, { start, end }: ContentRange): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - start);
  let length = 0;
  while (length < bytes.length) {
    const wanted = Math.min(bytes.length - length, MOST_READ_BYTES);
    const { bytesRead } = await readChunk(fd, bytes, length, wanted, start + length);
    if (bytesRead === 0) throw truncated(ref, start + length, end);
    length += bytesRead;
  }
  return bytes;
}
