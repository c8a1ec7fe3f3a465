import { closeSync } from 'node:fs';
import {
  type CallContext,
  type Checksum,
  type Checksums,
  type CopyRequest,
  type ObjectRef,
  preconditionFailed,
  type PutBody,
  type PutResult,
  StorageError,
} from '@stowage/core/spi';
import { linkFile, removeFile, renameFile, unless } from './calls.js';
import { deleteObject } from './delete.js';
import { objectNotFound } from './errors.js';
import {
  type Facts,
  factsFolder,
  factsPath,
  factsText,
  pickAttributes,
  readFacts,
  removeFacts,
  toRecord,
} from './facts.js';
import { FileStream } from './file-stream.js';
import { etagOf, identityOf } from './identity.js';
import { hashName } from './keys.js';
import { openParents, type Parents, pruneParents } from './parents.js';
import { lockOfKey } from './private-area.js';
import { writeThrough } from './put.js';
import { failMissing, type OpenObject, withObject } from './read.js';
import { type Arrival, findPlace, Slot } from './slot.js';
import { discardStaged, openClone, openStaged, OWN_DIGEST, type StagedFile, writeBody, writeFacts } from './staging.js';
import type { LocalStore } from './store.js';

/** Copies an object inside the root: by sharing its blocks where the file system can, else byte by byte. */
export async function copyObject(
  store: LocalStore,
  from: ObjectRef,
  to: ObjectRef,
  request: CopyRequest,
  ctx: CallContext,
): Promise<PutResult> {
  const open = async (object: OpenObject): Promise<number> => {
    checkSource(from, etagOf(object.stats), request);
    return object.fd;
  };
  const { stats, facts, result: fd } = await withObject(store, from, open, closeSync);
  try {
    return await writeThrough(store, to, request, ctx, async () => {
      const { staged, checksums } = await stageCopy(store, from, to, { fd, stats }, facts, ctx);
      const attributes = request.attributes ? pickAttributes(request.attributes) : (facts?.attributes ?? {});
      return { staged, facts: { attributes, checksums }, verified: 'none' };
    });
  } finally {
    closeSync(fd);
  }
}

async function stageCopy(
  store: LocalStore,
  from: ObjectRef,
  to: ObjectRef,
  { fd, stats }: OpenObject,
  facts: Facts | undefined,
  ctx: CallContext,
): Promise<{ readonly staged: StagedFile; readonly checksums: Checksums }> {
  const size = Number(stats.size);
  const clone = size > 0 ? await openClone(store, to.container, to.key, fd) : undefined;
  if (clone) return { staged: clone, checksums: facts?.checksums ?? {} };
  const staged = await openStaged(store, to.container, to.key);
  try {
    const open = (): FileStream => new FileStream(fd, from, { start: 0, end: size }, ctx.signal, false);
    const body: PutBody = { size, replayable: true, open };
    const value = facts?.checksums[OWN_DIGEST];
    const checksum: Checksum | undefined = value === undefined ? undefined : { algorithm: OWN_DIGEST, value };
    const { checksums } = await writeBody(staged.fd, 0, body, checksum, ctx.signal);
    return { staged, checksums: { ...facts?.checksums, ...checksums } };
  } catch (error) {
    await discardStaged(staged);
    throw error;
  }
}

/** Moves an object in one step, by a rename. */
export async function moveObject(
  store: LocalStore,
  from: ObjectRef,
  to: ObjectRef,
  request: CopyRequest,
  ctx: CallContext,
): Promise<PutResult> {
  if (from.container === to.container && from.key === to.key) return await copyObject(store, from, to, request, ctx);
  await store.ready();
  const parents = await openParents(store, from);
  if (!parents) return await failMissing(store, from);
  const moving = new Moving(store, from, to, parents, request);
  try {
    const slot = await Slot.open(store, to, ctx);
    try {
      await slot.fill(moving, request, ctx);
    } finally {
      await slot.close();
    }
    if (store.settings.fsync) await parents.usual.sync();
  } catch (error) {
    if (!(error instanceof SameIdentity)) throw error;
    const copied = await copyObject(store, from, to, { ...request, sourceIfMatch: error.etag }, ctx);
    await deleteObject(store, from, { ifMatch: error.etag }, ctx);
    return copied;
  } finally {
    parents.close();
  }
  await pruneParents(store, from);
  return moving.result();
}

/** The target has facts of a content written in the same microsecond: a rename would make two contents one version. */
class SameIdentity extends Error {
  constructor(readonly etag: string) {
    super('Two contents of one key have the same identity.');
  }
}

/** An object on its way from one key to another. Both are locked when it moves. */
class Moving implements Arrival {
  readonly locks: readonly string[];
  readonly #store: LocalStore;
  readonly #from: ObjectRef;
  readonly #to: ObjectRef;
  readonly #parents: Parents;
  readonly #request: CopyRequest;
  #result: PutResult | undefined;

  constructor(store: LocalStore, from: ObjectRef, to: ObjectRef, parents: Parents, request: CopyRequest) {
    this.#store = store;
    this.#from = from;
    this.#to = to;
    this.#parents = parents;
    this.#request = request;
    this.locks = [lockOfKey(from.container, from.key)];
  }

  result(): PutResult {
    if (!this.#result) throw new StorageError('unknown', `Object "${this.#from.key}" was not moved.`);
    return this.#result;
  }

  isWaiting(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async moveTo(target: string, mayReplace: boolean): Promise<void> {
    const { directory, name, current } = await findPlace(this.#parents);
    if (!directory || !current) throw objectNotFound(this.#from);
    checkSource(this.#from, etagOf(current), this.#request);
    const source = directory.at(name);
    const identity = identityOf(current);
    const before = await readFacts(this.#store, this.#from.container, this.#from.key, identity);
    const attributes = this.#request.attributes ? pickAttributes(this.#request.attributes) : (before?.attributes ?? {});
    const facts: Facts = { attributes, checksums: before?.checksums ?? {} };
    const keyHash = hashName(this.#to.key);
    const path = factsPath(this.#store, this.#to.container, keyHash, identity);
    const folder = factsFolder(this.#store, this.#to.container, keyHash);
    const text = factsText(this.#to.key, facts);
    const write = (): Promise<void> => writeFacts(this.#store, folder, path, text);
    if (!(await unless(['EEXIST'], this.#store.area.within(folder, write)))) throw new SameIdentity(etagOf(current));
    try {
      if (mayReplace) await renameFile(source, target);
      else {
        await linkFile(source, target);
        await removeFile(source);
      }
    } catch (error) {
      await unless(['ENOENT'], removeFile(path));
      throw error;
    }
    await removeFacts(this.#store, this.#from.container, this.#from.key, identity);
    this.#result = { record: toRecord(this.#to.key, current, facts), verified: 'none' };
  }
}

function checkSource(from: ObjectRef, etag: string, { sourceIfMatch }: CopyRequest): void {
  if (sourceIfMatch === undefined || sourceIfMatch === '*' || sourceIfMatch === etag) return;
  throw preconditionFailed('sourceIfMatch', from);
}
