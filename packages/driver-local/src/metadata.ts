import { closeSync } from 'node:fs';
import {
  checkWritable,
  type CallContext,
  type MetadataGroup,
  type ObjectRecord,
  type ObjectRef,
} from '@stowage/core/spi';
import { closeFile, renameFile, syncDirectory, syncFile } from './calls.js';
import { objectNotFound } from './errors.js';
import { type Facts, factsFolder, factsPath, factsText, pickAttributes, readFacts, toRecord } from './facts.js';
import { etagOf, type Identity, identityOf } from './identity.js';
import { openParents, type Parents } from './parents.js';
import { lockOfKey } from './private-area.js';
import { failMissing, withObject } from './read.js';
import { findPlace } from './slot.js';
import { discardStaged, openStaged, writeText } from './staging.js';
import type { LocalStore } from './store.js';

/** The tags of an object; none when it has none. */
export async function readTags(store: LocalStore, ref: ObjectRef): Promise<Readonly<Record<string, string>>> {
  const { facts } = await withObject(store, ref, async ({ fd }) => closeSync(fd));
  return facts?.attributes.tags ?? {};
}

type Change = Parameters<MetadataGroup['update']>[1];

/** Replaces facts of an object whose bytes stay, so that its ETag stays too. */
export async function updateMetadata(
  store: LocalStore,
  ref: ObjectRef,
  change: Change,
  ctx: CallContext,
): Promise<ObjectRecord> {
  const parents = await openParents(store, ref);
  if (!parents) return await failMissing(store, ref);
  try {
    await store.ready();
    const work = (): Promise<ObjectRecord> => updateNow(store, ref, parents, change);
    return await store.locks.hold([lockOfKey(ref.container, ref.key)], ctx, work);
  } finally {
    parents.close();
  }
}

async function updateNow(store: LocalStore, ref: ObjectRef, parents: Parents, change: Change): Promise<ObjectRecord> {
  const { current } = await findPlace(parents);
  checkWritable(ref, current && etagOf(current), { ifMatch: change.ifMatch });
  if (!current) throw objectNotFound(ref);
  const identity = identityOf(current);
  const before = await readFacts(store, ref.container, ref.key, identity);
  const facts: Facts = {
    attributes: { ...before?.attributes, ...pickAttributes(change) },
    checksums: before?.checksums ?? {},
  };
  await replaceFacts(store, ref, identity, facts);
  return toRecord(ref.key, current, facts);
}

/** Replaces the facts of a content that stays, in one step. */
async function replaceFacts(store: LocalStore, ref: ObjectRef, identity: Identity, facts: Facts): Promise<void> {
  const staged = await openStaged(store, ref.container, ref.key);
  try {
    await writeText(staged.fd, factsText(ref.key, facts));
    if (store.settings.fsync) await syncFile(staged.fd);
    const folder = factsFolder(store, ref.container, staged.keyHash);
    const path = factsPath(store, ref.container, staged.keyHash, identity);
    await store.area.within(folder, () => renameFile(staged.path, path));
    if (store.settings.fsync) await syncDirectory(folder);
    await closeFile(staged.fd);
  } catch (error) {
    await discardStaged(staged);
    throw error;
  }
}
