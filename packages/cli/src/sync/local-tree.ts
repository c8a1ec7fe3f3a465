import { lstat, mkdir, opendir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { UsageError } from '../usage-error.js';
import type { Tree, TreeFile } from './tree.js';

/**
 * Lists the regular files below a directory. Links are left out: they may lead anywhere. A directory that need not exist and is
 * missing is empty.
 */
export async function readLocalTree(
  root: string,
  { mustExist, signal }: { mustExist: boolean; signal: AbortSignal },
): Promise<Tree> {
  const files = new Map<string, TreeFile>();
  const skipped: { name: string; reason: string }[] = [];
  const facts = await stat(resolve(root)).catch(() => undefined);
  if (facts === undefined && mustExist) throw new UsageError(`There is no directory ${root}.`);
  if (facts !== undefined && !facts.isDirectory()) throw new UsageError(`${root} is not a directory.`);
  if (facts !== undefined) await walk('');
  return { where: 'machine', files, skipped };

  async function walk(below: string): Promise<void> {
    for await (const entry of await opendir(join(root, below))) {
      signal.throwIfAborted();
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await walk(name);
      else if (!entry.isFile()) skipped.push({ name, reason: 'neither a file nor a directory' });
      else {
        const path = join(root, name);
        const { size, mtimeMs } = await lstat(path);
        files.set(name, { name, size, modifiedAtMs: mtimeMs, path });
      }
    }
  }
}

/** Why no file below a directory can have this name; undefined when one can. Names come from a store, where anybody may have put them. */
export function reasonNoFile(name: string): string | undefined {
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'its key is no path below a directory';
  if (name.includes('\0')) return 'its key has a NUL';
  return sep === '\\' && /[\\:]/.test(name) ? 'its key is no path on this system' : undefined;
}

/**
 * Makes the folders that a file needs and gives its path. Throws `UsageError` when a link below the root leads out of it, so that no
 * key can write elsewhere.
 */
export async function makeLocalPath(root: string, name: string): Promise<string> {
  const path = join(root, ...name.split('/'));
  const folder = dirname(path);
  await mkdir(root, { recursive: true });
  const realRoot = await realpath(root);
  const existing = await realpath(await nearestExisting(folder));
  if (existing !== realRoot && !existing.startsWith(realRoot + sep)) {
    throw new UsageError(`A link below ${root} leads out of it, to ${existing}: nothing is written there.`);
  }
  await mkdir(folder, { recursive: true });
  return path;
}

async function nearestExisting(folder: string): Promise<string> {
  const facts = await lstat(folder).catch(() => undefined);
  return facts === undefined && folder !== dirname(folder) ? nearestExisting(dirname(folder)) : folder;
}
