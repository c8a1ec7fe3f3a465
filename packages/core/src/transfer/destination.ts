import { mkdir, realpath, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StorageError } from '../errors/storage-error.js';

/** Where a download goes. */
export interface Destination {
  /** The file, absolute. */
  readonly path: string;
  /** The directory that the user gave and the file must not leave; undefined when the user gave a file. */
  readonly root: string | undefined;
}

/**
 * Finds the file that a download writes. A directory, with or without a slash at its end, gets a file that is named as the key, in
 * folders as in the key; a key that would leave the directory is refused. Throws `invalid-argument` when a directory is missing or
 * something is in the way, and `precondition-failed` when the file is there and `overwrite` is not true.
 */
export async function findDestination(path: string | URL, key: string, overwrite: boolean): Promise<Destination> {
  const given = toPath(path);
  const there = await statIfAny(given);
  const wantsDirectory = /[/\\]$/.test(given) && (sep === '\\' || given.endsWith('/'));
  if (wantsDirectory && !there?.isDirectory()) {
    throw new StorageError(
      'invalid-argument',
      `Directory ${given} does not exist; create it, or give the path of a file.`,
    );
  }
  if (!there?.isDirectory()) {
    checkFree(given, there, overwrite);
    return { path: resolve(given), root: undefined };
  }
  const root = resolve(given);
  const file = join(root, ...namesOf(key));
  checkFree(file, await statIfAny(file), overwrite);
  return { path: file, root };
}

/** Makes the folders of a file that goes below a directory. Throws `invalid-argument` when a symbolic link leads out of it. */
export async function makeFolders({ path, root }: Destination): Promise<void> {
  if (root === undefined) return;
  const folder = dirname(path);
  const realRoot = await realpath(root);
  const existing = await realpath(await nearestExisting(folder));
  if (existing !== realRoot && !existing.startsWith(realRoot + sep)) {
    const message = `A symbolic link below ${root} leads out of it, to ${existing}; remove it, or give the path of a file.`;
    throw new StorageError('invalid-argument', message);
  }
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const message = `Folder ${folder} cannot be made: ${(cause as Error).message}`;
    throw new StorageError('invalid-argument', message, { cause });
  }
}

function toPath(path: string | URL): string {
  try {
    const name = path instanceof URL ? fileURLToPath(path) : path;
    if (typeof name === 'string' && name !== '' && !name.includes('\0')) return name;
  } catch (cause) {
    throw new StorageError('invalid-argument', `"${String(path)}" names no file of this machine.`, { cause });
  }
  throw new StorageError('invalid-argument', 'A download goes to a path that is not empty, or to a file: URL.');
}

/** The key as names of folders and a file. */
function namesOf(key: string): string[] {
  const names = key.split('/');
  const unfit = (name: string): boolean =>
    name === '' || name === '.' || name === '..' || name.includes('\0') || (sep === '\\' && /[\\:]/.test(name));
  if (!names.some(unfit)) return names;
  const message = `Key "${key}" names no file below a directory; give the path of a file.`;
  throw new StorageError('invalid-argument', message);
}

async function statIfAny(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new StorageError('invalid-argument', `${path} cannot be written: ${message}`, { cause });
  }
}

function checkFree(path: string, there: Stats | undefined, overwrite: boolean): void {
  if (there && !there.isFile()) {
    throw new StorageError('invalid-argument', `${path} is there and is not a regular file; give another path.`);
  }
  if (there && !overwrite) throw fileExists(path);
}

export function fileExists(path: string): StorageError {
  return new StorageError('precondition-failed', `File ${path} exists; give overwrite: true to replace it.`);
}

async function nearestExisting(folder: string): Promise<string> {
  for (let path = folder; ; path = dirname(path)) {
    if (await statIfAny(path)) return path;
  }
}
