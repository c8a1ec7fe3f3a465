import { type CallContext, type ObjectRef, StorageError } from '@stowage/core/spi';
import { OCTETS } from './client.js';
import { isRefusal } from './errors.js';
import { aside, directoriesOf } from './names.js';
import { containerPath, isMissing, lookAt, objectPath, renameTarget } from './paths.js';
import type { AtmosService } from './service.js';

/** What happens to come between is done by others, who come to an end. */
const MAX_STEPS = 12;
const FIRST_LOOK_MS = 20;
const MAX_LOOK_MS = 1_000;
/** EMC's own tests wait 5 s. */
const PATIENCE_MS = 30_000;

/** An object without a name of its own yet. */
export interface Newcomer {
  readonly path: string;
  readonly oid: string | undefined;
}

/**
 * Gives an object its name, in one step of the store's: it is there whole, or what was there before is. With `force` it takes the place
 * of another. Throws `object-exists` without, and `container-not-found`.
 */
export async function install(
  service: AtmosService,
  { path, oid }: Newcomer,
  ref: ObjectRef,
  force: boolean,
  ctx: CallContext,
): Promise<void> {
  const own = objectPath(ref);
  let target = own;
  for (let step = 1; ; step++) {
    try {
      await rename(service, path, target, force, ctx);
      break;
    } catch (error) {
      if (step === MAX_STEPS) throw error;
      target = await makeWay(service, ref, { target, force, error }, ctx);
    }
  }
  if (target !== own) await keepReachable(service, ref, ctx);
  if (force && service.facts.lateOverwrites) await untilSeen(service, target, oid, ctx);
}

/** https://www.dell.com/support/manuals/ecs: POST ?rename */
export async function rename(
  { client }: AtmosService,
  from: string,
  to: string,
  force: boolean,
  ctx: CallContext,
): Promise<void> {
  const target = renameTarget(to);
  const headers = client.facts.utf8
    ? ['x-emc-path', encodeURIComponent(target), 'x-emc-utf8', 'true']
    : ['x-emc-path', target];
  if (force) headers.push('x-emc-force', 'true');
  const call = { method: 'POST', query: 'rename', contentType: OCTETS, notFound: 'upload-not-found' } as const;
  await client.send({ ...call, resource: from, headers }, ctx);
}

interface Obstacle {
  readonly target: string;
  readonly force: boolean;
  readonly error: unknown;
}

/** Mends what a rename was refused for, and tells the path to try next. */
async function makeWay(
  service: AtmosService,
  ref: ObjectRef,
  { target, force, error }: Obstacle,
  ctx: CallContext,
): Promise<string> {
  const own = objectPath(ref);
  if (isRefusal(error, 1044)) {
    await service.containers.stat(ref.container, ctx);
    await makeFolder(service, ref, ctx);
    return own;
  }
  if (!isRefusal(error, 1016, 1021, 1022, 1045, 1048)) throw error;
  const there = await lookAt(service, own, ctx);
  const type = there?.system.get('type');
  if (type === 'directory') {
    if (target !== own && isRefusal(error, 1016)) throw error;
    return aside(own);
  }
  if (type === 'regular' && !force) throw error;
  if (there === undefined) await clearFolders(service, ref, ctx);
  return own;
}

/** Makes the folder of an object. The container is known to be there. */
async function makeFolder(service: AtmosService, ref: ObjectRef, ctx: CallContext): Promise<void> {
  const folder = directoriesOf(objectPath(ref)).at(-1) as string;
  try {
    await makeDirectory(service, folder, ctx);
  } catch (error) {
    if (!isRefusal(error, 1021, 1045)) throw error;
    await clearFolders(service, ref, ctx);
  }
}

async function makeDirectory({ client }: AtmosService, resource: string, ctx: CallContext): Promise<void> {
  const call = { method: 'POST', contentType: OCTETS, notFound: 'container-not-found' } as const;
  await client.send({ ...call, resource }, ctx).catch((error: unknown) => {
    if (!isRefusal(error, 1016)) throw error;
  });
}

/** Moves objects that have the names of the folders of a key aside, and makes the folders. */
export async function clearFolders(service: AtmosService, ref: ObjectRef, ctx: CallContext): Promise<void> {
  const base = containerPath(ref.container);
  for (const folder of directoriesOf(objectPath(ref).slice(base.length))) {
    const path = base + folder.slice(0, -1);
    const there = await lookAt(service, path, ctx);
    if (there?.system.get('type') === 'regular') await ignore(rename(service, path, aside(path), true, ctx));
    if (there?.system.get('type') !== 'directory') await ignore(makeDirectory(service, `${path}/`, ctx));
  }
}

/** Others may be at the same work. */
async function ignore(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isMissing(error) && !isRefusal(error, 1003, 1016, 1021, 1022, 1044, 1045, 1047, 1048)) throw error;
  });
}

/** An object beside a folder that was deleted meanwhile takes its own path again: nobody would look for it elsewhere. */
async function keepReachable(service: AtmosService, ref: ObjectRef, ctx: CallContext): Promise<void> {
  const own = objectPath(ref);
  if ((await lookAt(service, own, ctx)) === undefined) await ignore(rename(service, aside(own), own, true, ctx));
}

/** The store answers before readers see what an overwriting rename did: waits until they do, or until another took the place. */
async function untilSeen(
  service: AtmosService,
  path: string,
  oid: string | undefined,
  ctx: CallContext,
): Promise<void> {
  if (oid === undefined) return;
  const endMs = Date.now() + PATIENCE_MS;
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(waitMs * 2, MAX_LOOK_MS)) {
    const seen = await lookAt(service, path, ctx);
    if (seen?.system.get('objectid') === oid || (await lookAt(service, `/rest/objects/${oid}`, ctx)) === undefined)
      return;
    if (Date.now() >= endMs) break;
    await pause(waitMs, ctx.signal);
  }
  const message = `The store took the object and still shows the one before after ${String(PATIENCE_MS / 1000)} seconds; read it later.`;
  throw new StorageError('timeout', message, { requestSent: true, retryable: false });
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(new StorageError('aborted', 'The call was aborted.', { cause: signal?.reason }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
