import { type BigIntStats, closeSync, constants, fstatSync, openSync } from 'node:fs';
import { isErrno, listIfThere, listNames, lookAt, openFile, pathOfDescriptor, realPath, syncFile } from './calls.js';

const DIRECTORY_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** A pipe that somebody put into a container must not block a thread. */
const FILE_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Said of a name that is there in another spelling only. */
export const FOLDED = 'what this file system takes for the same name in another spelling';

/** An open directory. Paths made by `at` stay in it, even when somebody swaps a directory above it for a symbolic link. */
export class Directory {
  readonly #fd: number;
  readonly path: string;
  readonly #base: string;
  readonly #folds: boolean;

  constructor(fd: number, path: string, base: string, folds: boolean) {
    this.#fd = fd;
    this.path = path;
    this.#base = base;
    this.#folds = folds;
  }

  /** Bytes that the directory itself takes; on most file systems it grows with the number of names. */
  get size(): number {
    return fstatSync(this.#fd).size;
  }

  /** The path of a name in this directory, or of the directory itself. */
  at(name = '.'): string {
    return `${this.#base}/${name}`;
  }

  /** What stands at a name; `folded` when it is there in another spelling only. */
  async lookAt(name: string): Promise<BigIntStats | 'folded' | undefined> {
    const stats = await lookAt(this.at(name));
    return stats && this.#folds && !(await listNames(this.at())).includes(name) ? 'folded' : stats;
  }

  /** Makes new, changed and removed names in it safe from a power cut. */
  async sync(): Promise<void> {
    await syncFile(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Why a path could not be opened: nothing is there, or something that Stowage does not walk through. */
export type Obstacle =
  | { readonly kind: 'missing' }
  /** `index` counts the names of the path below the container; -1 is the container. */
  | { readonly kind: 'file' | 'link' | 'folded' | 'other'; readonly index: number };

/** Opens what is below the root, and nothing else: `..` never gets here, and symbolic links are not followed. */
export class Tree {
  readonly root: string;
  /** True where an open descriptor tells its own path, so that no swap of directories between check and use can help anybody. */
  readonly #tellsPath: boolean;
  #folds = false;
  /** False once the file system has shown that files cannot share blocks. */
  canClone: boolean;

  constructor(root: string) {
    this.root = root;
    this.#tellsPath = tellsPath(root);
    this.canClone = this.#tellsPath;
  }

  /**
   * Finds out whether the file system takes `A` and `a` for one name, as those of macOS do. Then every name is compared with the one
   * that is really there, so that two keys never share a place. `name` is one in lower case that is in the root.
   */
  async probe(name: string): Promise<void> {
    const [lower, upper] = await Promise.all(
      [name, name.toUpperCase()].map((probe) => lookAt(`${this.root}/${probe}`)),
    );
    this.#folds = lower !== undefined && lower.ino === upper?.ino;
  }

  pathOf(container: string, names: readonly string[]): string {
    return names.length === 0 ? `${this.root}/${container}` : `${this.root}/${container}/${names.join('/')}`;
  }

  /** Opens the root. */
  async openRoot(): Promise<Directory> {
    return this.#directory(await openFile(this.root, DIRECTORY_FLAGS), this.root);
  }

  /** Opens a directory of a container, or the container itself when there are no names. Close it. */
  async openDirectory(container: string, names: readonly string[]): Promise<Directory | Obstacle> {
    const path = this.pathOf(container, names);
    const opened = await this.#open(path, DIRECTORY_FLAGS);
    if (typeof opened === 'number') return this.#directory(opened, path);
    return opened === 'missing' ? { kind: 'missing' } : await this.#obstacle(container, names);
  }

  /** Opens what stands at a path, whatever it is, for reading; undefined when nothing, or only a symbolic link, leads there. */
  async openEntry(container: string, names: readonly string[]): Promise<number | undefined> {
    const opened = await this.#open(this.pathOf(container, names), FILE_FLAGS);
    return typeof opened === 'number' ? opened : undefined;
  }

  async #open(path: string, flags: number): Promise<number | 'missing' | 'blocked'> {
    for (let moved = 0; moved < MOST_MOVES; moved++) {
      let fd: number;
      try {
        fd = await openFile(path, flags);
      } catch (error) {
        if (isErrno(error, 'ENOENT')) return 'missing';
        if (isErrno(error, 'ENOTDIR', 'ELOOP', 'ENXIO')) return 'blocked';
        throw error;
      }
      if (await this.#isAt(fd, path)) return fd;
      closeSync(fd);
    }
    return 'blocked';
  }

  /** Compares the place of what was opened with the path by which it was opened: a link on the way makes them differ. */
  async #isAt(fd: number, path: string): Promise<boolean> {
    if (this.#folds && (await this.#firstFolded(path)) !== undefined) return false;
    if (this.#tellsPath) {
      const actual = pathOfDescriptor(fd);
      return actual === path || actual === `${path} (deleted)`;
    }
    const parent = path.slice(0, path.lastIndexOf('/'));
    return (await realPath(parent).catch(() => undefined)) === parent;
  }

  /** The first path on the way to `path` whose last name is there in another spelling only. */
  async #firstFolded(path: string): Promise<string | undefined> {
    let parent = this.root;
    for (const name of path.slice(this.root.length + 1).split('/')) {
      if (name !== '' && !(await listIfThere(parent)).includes(name)) return `${parent}/${name}`;
      parent += `/${name}`;
    }
    return undefined;
  }

  #directory(fd: number, path: string): Directory {
    return new Directory(fd, path, this.#tellsPath ? `/proc/self/fd/${fd}` : path, this.#folds);
  }

  /** Finds the first name of a path that is no directory. */
  async #obstacle(container: string, names: readonly string[]): Promise<Obstacle> {
    const folded = this.#folds ? await this.#firstFolded(this.pathOf(container, names)) : undefined;
    for (let index = -1; index < names.length; index++) {
      const path = this.pathOf(container, names.slice(0, index + 1));
      const stats = await lookAt(path);
      if (!stats) break;
      if (path === folded) return { kind: 'folded', index };
      if (stats.isDirectory()) continue;
      const kind = stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : 'other';
      return { kind, index };
    }
    return { kind: 'missing' };
  }
}

/** A rename between the opening and the look at it is no link; one that happens every time is not seen. */
const MOST_MOVES = 5;

function tellsPath(root: string): boolean {
  const fd = openSync(root, DIRECTORY_FLAGS);
  try {
    return pathOfDescriptor(fd) === root;
  } finally {
    closeSync(fd);
  }
}
