import { type DriverHost, type ObjectRef, StorageError } from '@stowage/core/spi';
import { isErrno } from './calls.js';
import { type Directory, Tree } from './directory.js';
import { containerNotFound } from './errors.js';
import { Locks } from './locks.js';
import type { LocalSettings } from './options.js';
import { PRIVATE_NAME, PrivateArea } from './private-area.js';
import { sweepLeftovers } from './sweep.js';

const MAX_NAME_BYTES = 255;
export const MAX_KEY_BYTES = 1024;
const UNPAIRED_SURROGATE = /\p{Surrogate}/u;

/** What the calls of one driver share. */
export class LocalStore {
  readonly settings: LocalSettings;
  readonly host: DriverHost;
  readonly tree: Tree;
  readonly area: PrivateArea;
  readonly locks: Locks;
  #ready: Promise<void> | undefined;

  constructor(settings: LocalSettings, host: DriverHost) {
    this.settings = settings;
    this.host = host;
    this.tree = new Tree(settings.root);
    this.area = new PrivateArea(settings);
    this.locks = new Locks(this.area.locks, host, () => this.area.make(this.area.locks));
  }

  /** Comes before the first write: checks the private area, and removes what processes that ended left in it. */
  async ready(): Promise<void> {
    this.#ready ??= this.#prepare();
    await this.#ready;
  }

  async #prepare(): Promise<void> {
    try {
      await this.area.prepare();
      await this.tree.probe(PRIVATE_NAME);
      await sweepLeftovers(this);
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }

  /** Opens a container. Close it. Throws `container-not-found`. */
  async openContainer(container: string): Promise<Directory> {
    const opened = await this.tree.openDirectory(container, []);
    if (!('kind' in opened)) return opened;
    throw opened.kind === 'link'
      ? containerNotFound(container, 'Its name is a symbolic link, and Stowage follows none below the root.')
      : containerNotFound(container);
  }

  /**
   * Runs a write. A file of the private area that is suddenly missing means that the container was deleted meanwhile: throws
   * `container-not-found`, or `unavailable` when there is another one of that name by now.
   */
  async whileContainerLasts<T>({ container, key }: ObjectRef, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
      (await this.openContainer(container)).close();
      const message = `Container "${container}" was deleted and made again while object "${key}" was written.`;
      throw new StorageError('unavailable', message, { cause: error });
    }
  }
}

/** Says why no container can have this name; undefined when it is good. */
export function refuseContainerName(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'A container is a directory and needs a name of its own';
  if (/[/\0]/.test(name)) return 'A container is a directory, so that its name holds no "/" and no NUL';
  if (name.toLowerCase() === PRIVATE_NAME) return `"${PRIVATE_NAME}" is where the local driver keeps its own files`;
  if (UNPAIRED_SURROGATE.test(name)) return 'A container name must be well-formed Unicode';
  return Buffer.byteLength(name) > MAX_NAME_BYTES ? `A container name has at most ${MAX_NAME_BYTES} bytes` : undefined;
}

/** Says why no object can have this key; undefined when it is good. */
export function refuseKey(key: string): string | undefined {
  if (key === '') return 'A key must not be empty';
  if (key.includes('\0')) return 'No file name holds a NUL character';
  if (UNPAIRED_SURROGATE.test(key)) return 'A key must be well-formed Unicode';
  return Buffer.byteLength(key) > MAX_KEY_BYTES ? `A key has at most ${MAX_KEY_BYTES} bytes` : undefined;
}

/** Throws `invalid-argument` for names that lead out of the root or to no object. Core checks too; this is the wall itself. */
export function checkNames(container: string, key?: string): void {
  const reason = refuseContainerName(container) ?? (key === undefined ? undefined : refuseKey(key));
  if (reason !== undefined) throw new StorageError('invalid-argument', `${reason}.`, { container, key });
}
