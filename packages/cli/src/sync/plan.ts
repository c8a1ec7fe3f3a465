import pMap from 'p-map';
import { isChanged, isOtherContent, withSize } from './compare.js';
import { reasonNoFile } from './local-tree.js';
import type { Tree, TreeFile } from './tree.js';

export interface SyncPlan {
  readonly copies: readonly TreeFile[];
  readonly deletes: readonly TreeFile[];
  readonly unchanged: number;
  /** Files that cannot be there, with the reason. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

export interface PlanOptions {
  /** Delete what the source does not have. */
  readonly deletes: boolean;
  /** Compare content, not time. */
  readonly byContent: boolean;
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** Says what makes the target like the source. */
export async function planSync(source: Tree, target: Tree, options: PlanOptions): Promise<SyncPlan> {
  const { signal, concurrency, byContent } = options;
  const refused: { name: string; reason: string }[] = [];
  const wanted = [...source.files.values()].filter(({ name }) => {
    const reason = target.where === 'machine' ? reasonNoFile(name) : undefined;
    if (reason !== undefined) refused.push({ name, reason });
    return reason === undefined;
  });
  const differs = async (file: TreeFile): Promise<boolean> => {
    const there = target.files.get(file.name);
    if (there === undefined) return true;
    const [from, to] = await Promise.all([withSize(file, signal), withSize(there, signal)]);
    return byContent ? isOtherContent(from, to, signal) : isChanged(from, to);
  };
  const changed = await pMap(wanted, differs, { concurrency, signal });
  const copies = wanted.filter((_, index) => changed[index]);
  // What was only left out of the listing is there all the same.
  const there = new Set([...source.files.keys(), ...source.skipped.map(({ name }) => name)]);
  const deletes = options.deletes ? [...target.files.values()].filter(({ name }) => !there.has(name)) : [];
  return { copies, deletes, unchanged: wanted.length - copies.length, refused };
}
