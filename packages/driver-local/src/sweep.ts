import { rm } from 'node:fs/promises';
import type { CallContext } from '@stowage/core/spi';
import { listIfThere, lookAt, removeFile, unless } from './calls.js';
import { factsPath, keyOfFacts } from './facts.js';
import { identityOf, identityText } from './identity.js';
import { openParents } from './parents.js';
import { livenessOf } from './owner.js';
import { lockOfKey } from './private-area.js';
import { findPlace } from './slot.js';
import { STAGED_NAME } from './staging.js';
import type { LocalStore } from './store.js';
import { UploadFiles, uploadIds } from './upload-files.js';

const HOUR_MS = 3_600_000;
/** A writer on another machine cannot be asked; after a day without a byte its file is taken for left behind. */
const FOREIGN_FILE_MS = 24 * HOUR_MS;
/** Facts are written just before their bytes are put in place. Those that still have none after an hour never get any. */
const ORPHAN_FACTS_MS = HOUR_MS;

/** What a sweep removed. */
export interface SweepReport {
  /** Files that a process had begun to write before it ended. */
  readonly unfinishedFiles: number;
  /** Uploads in parts that nobody went on with for `abandonedUploadHours`. */
  readonly abandonedUploads: number;
  /** Metadata of objects that are gone or were replaced by another program. */
  readonly orphanedFacts: number;
}

/** Removes what processes that ended left in the private area. It looks at unfinished files only, however many objects there are. */
export async function sweepLeftovers(store: LocalStore): Promise<Omit<SweepReport, 'orphanedFacts'>> {
  let [unfinishedFiles, abandonedUploads] = [0, 0];
  for (const container of await listIfThere(store.area.containers)) {
    for (const name of await listIfThere(store.area.staging(container))) {
      if (await sweepStaged(store, container, name)) unfinishedFiles++;
    }
    for (const id of await uploadIds(store, container)) {
      if (await sweepUpload(store, container, id)) abandonedUploads++;
    }
  }
  await store.locks.sweep();
  for (const name of await listIfThere(store.area.trash)) {
    await rm(`${store.area.trash}/${name}`, { recursive: true, force: true });
  }
  return { unfinishedFiles, abandonedUploads };
}

/** As `sweepLeftovers`, and also removes metadata whose object is gone. It reads the metadata of every object. */
export async function sweepAll(store: LocalStore, ctx: CallContext): Promise<SweepReport> {
  await store.area.prepare();
  const report = await sweepLeftovers(store);
  let orphanedFacts = 0;
  for (const container of await listIfThere(store.area.containers)) {
    for (const shard of await listIfThere(store.area.facts(container))) {
      const folder = `${store.area.facts(container)}/${shard}`;
      for (const name of await listIfThere(folder)) {
        ctx.signal?.throwIfAborted();
        if (await sweepFacts(store, container, `${folder}/${name}`, ctx)) orphanedFacts++;
      }
    }
  }
  return { ...report, orphanedFacts };
}

/** Removes a file whose writer has ended, and the facts that it had written for it. */
async function sweepStaged(store: LocalStore, container: string, name: string): Promise<boolean> {
  const [, keyHash, owner] = STAGED_NAME.exec(name) ?? [];
  if (keyHash === undefined || owner === undefined) return false;
  const liveness = livenessOf(owner);
  if (liveness === 'alive') return false;
  const path = `${store.area.staging(container)}/${name}`;
  const stats = await lookAt(path);
  if (!stats) return false;
  if (liveness === 'unknown' && store.host.nowMs() - Number(stats.mtimeMs) < FOREIGN_FILE_MS) return false;
  // A second name is that of the object: the writer ended between the link and the removal of the first.
  const isPlaced = stats.nlink > 1n;
  if (!isPlaced) await unless(['ENOENT'], removeFile(factsPath(store, container, keyHash, identityOf(stats))));
  return await unless(['ENOENT'], removeFile(path));
}

async function sweepUpload(store: LocalStore, container: string, uploadId: string): Promise<boolean> {
  const files = new UploadFiles(store, container, uploadId);
  const lastChangeMs = await files.lastChangeMs();
  if (lastChangeMs === undefined) return false;
  if (store.host.nowMs() - lastChangeMs < store.settings.abandonedUploadMs) return false;
  await files.remove();
  return true;
}

/** Removes facts to which no object belongs. */
async function sweepFacts(store: LocalStore, container: string, path: string, ctx: CallContext): Promise<boolean> {
  const stats = await lookAt(path);
  if (!stats || store.host.nowMs() - Number(stats.mtimeMs) < ORPHAN_FACTS_MS) return false;
  const key = await keyOfFacts(path);
  if (key === undefined) return false;
  const ref = { container, key };
  return await store.locks.hold([lockOfKey(container, key)], ctx, async () => {
    const parents = await openParents(store, ref);
    try {
      const current = parents && (await findPlace(parents)).current;
      if (current && path.endsWith(`.${identityText(identityOf(current))}`)) return false;
    } finally {
      parents?.close();
    }
    return await unless(['ENOENT'], removeFile(path));
  });
}
