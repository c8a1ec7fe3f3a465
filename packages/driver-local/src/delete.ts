import {
  checkWritable,
  type CallContext,
  type DeleteRequest,
  type DeleteResult,
  type ObjectRef,
} from '@stowage/core/spi';
import { removeFile, unless } from './calls.js';
import { removeFacts } from './facts.js';
import { etagOf, identityOf } from './identity.js';
import { openParents, type Parents, pruneParents } from './parents.js';
import { lockOfKey } from './private-area.js';
import { findPlace } from './slot.js';
import type { LocalStore } from './store.js';

/** Deletes an object, and the directories that were there for it alone. */
export async function deleteObject(
  store: LocalStore,
  ref: ObjectRef,
  request: DeleteRequest,
  ctx: CallContext,
): Promise<DeleteResult> {
  const parents = await openParents(store, ref);
  if (!parents) {
    (await store.openContainer(ref.container)).close();
    checkWritable(ref, undefined, request);
    return { existed: false };
  }
  try {
    await store.ready();
    const work = (): Promise<boolean> => deleteNow(store, ref, parents, request);
    const existed = await store.locks.hold([lockOfKey(ref.container, ref.key)], ctx, work);
    if (existed && store.settings.fsync) await parents.usual.sync();
    if (existed) await pruneParents(store, ref);
    return { existed };
  } finally {
    parents.close();
  }
}

async function deleteNow(
  store: LocalStore,
  ref: ObjectRef,
  parents: Parents,
  request: DeleteRequest,
): Promise<boolean> {
  const { directory, name, current } = await findPlace(parents);
  checkWritable(ref, current && etagOf(current), request);
  if (!current || !directory) return false;
  if (name === parents.usualName && parents.displaced) {
    // Another program may have put a file before one that had given way: it must not come up again.
    await unless(['ENOENT'], removeFile(parents.displaced.at(parents.displacedName)));
  }
  await unless(['ENOENT'], removeFile(directory.at(name)));
  await removeFacts(store, ref.container, ref.key, identityOf(current));
  return true;
}
