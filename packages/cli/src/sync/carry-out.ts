import { unlink } from 'node:fs/promises';
import { type Container, fileSource, type ProgressListener, StorageError } from '@stowage/core';
import pMap from 'p-map';
import { AlreadyTold } from '../already-told.js';
import { factsOf } from '../exit-code.js';
import { formatBytes, type ProgressBar, showProgress } from '../progress.js';
import type { Session } from '../session.js';
import { makeLocalPath } from './local-tree.js';
import type { SyncPlan } from './plan.js';
import type { TreeFile } from './tree.js';

/** Root of a tree: a directory, or the keys of a bucket that begin with a prefix. */
export type Side = { readonly path: string } | { readonly container: Container; readonly prefix: string };

interface Step {
  readonly verb: 'copy' | 'delete';
  readonly file: TreeFile;
}

/** Does what was planned, tells each step, and goes on after a file that fails. Throws `AlreadyTold` when some did. */
export async function carryOut(
  session: Session,
  plan: SyncPlan,
  to: Side,
  options: { readonly dryRun?: true; readonly concurrency: number },
): Promise<void> {
  const failures: unknown[] = [];
  const told = { copy: 0, delete: 0 };
  let bytes = 0;
  const fail = async (name: string, error: unknown): Promise<void> => {
    failures.push(error);
    if (session.output.json) await session.output.result('', { failed: name, error: factsOf(error) });
    else session.output.warn(`${name}: ${String(factsOf(error)['message'])}`);
  };
  for (const { name, reason } of plan.refused) {
    await fail(name, new StorageError('invalid-argument', `"${name}" cannot be a file here: ${reason}.`));
  }
  const copies = plan.copies.map((file): Step => ({ verb: 'copy', file }));
  const deletes = plan.deletes.map((file): Step => ({ verb: 'delete', file }));
  const total = plan.copies.reduce((sum, { size = 0 }) => sum + size, 0);
  const bar = showProgress(session.output, 'sync', total);
  const take = async (step: Step): Promise<void> => {
    try {
      if (!options.dryRun) await carryOutStep(session, step, to, bar);
      told[step.verb] += 1;
      if (step.verb === 'copy') bytes += step.file.size ?? 0;
      await session.output.result(`${step.verb} ${step.file.name}`, { [step.verb]: step.file.name });
    } catch (error) {
      session.signal.throwIfAborted();
      await fail(step.file.name, error);
    }
  };
  try {
    const { signal } = session;
    await pMap(copies, take, { concurrency: options.concurrency, signal });
    // Deletes come last, and not at all when a copy failed: what was lost could be what they would delete.
    if (failures.length === 0) await pMap(deletes, take, { concurrency: options.concurrency, signal });
  } finally {
    bar.stop();
  }
  const [copied, deleted] = options.dryRun ? ['to copy', 'to delete'] : ['copied', 'deleted'];
  const counts = `${told.copy} ${copied} (${formatBytes(bytes)}), ${told.delete} ${deleted}`;
  session.output.remark(`${counts}, ${plan.unchanged} unchanged, ${failures.length} failed`);
  if (failures.length > 0) throw new AlreadyTold(failures[0]);
}

async function carryOutStep(session: Session, { verb, file }: Step, to: Side, bar: ProgressBar): Promise<void> {
  const { signal } = session;
  if (verb === 'delete') {
    if (file.object) await file.object.delete({ signal });
    else if (file.path !== undefined) await unlink(file.path);
    return;
  }
  await copyFile(file, to, signal, bar.listener());
}

async function copyFile(
  file: TreeFile,
  to: Side,
  signal: AbortSignal,
  onProgress: ProgressListener | undefined,
): Promise<void> {
  const options = { signal, onProgress };
  if ('path' in to) {
    await file.object?.download(await makeLocalPath(to.path, file.name), { ...options, overwrite: true });
    return;
  }
  const target = to.container.object(to.prefix + file.name);
  if (file.object) await file.object.copyTo(target, options);
  else if (file.path !== undefined) await target.put(fileSource(file.path), options);
}
