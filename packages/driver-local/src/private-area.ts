import { StorageError } from '@stowage/core/spi';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { isErrno, lookAt, unless } from './calls.js';
import { hashName } from './keys.js';
import type { LocalSettings } from './options.js';

/** The directory of the root that is no container. */
export const PRIVATE_NAME = '.stowage';
const VERSION = '1';

/** Where the driver keeps what is no object: facts beside the bytes, files that are being written, uploads, locks. */
export class PrivateArea {
  readonly path: string;
  readonly locks: string;
  readonly trash: string;
  readonly containers: string;
  readonly #settings: LocalSettings;

  constructor(settings: LocalSettings) {
    this.path = `${settings.root}/${PRIVATE_NAME}`;
    this.locks = `${this.path}/locks`;
    this.trash = `${this.path}/trash`;
    this.containers = `${this.path}/containers`;
    this.#settings = settings;
  }

  ofContainer(container: string): string {
    return `${this.containers}/${container}`;
  }

  /** Files that are being written. */
  staging(container: string): string {
    return `${this.ofContainer(container)}/staging`;
  }

  uploads(container: string): string {
    return `${this.ofContainer(container)}/uploads`;
  }

  facts(container: string): string {
    return `${this.ofContainer(container)}/facts`;
  }

  /** Makes a directory of this area and those above it. */
  async make(path: string): Promise<void> {
    const { directoryMode } = this.#settings;
    if ((await mkdir(path, { recursive: true })) === undefined || directoryMode === undefined) return;
    for (let made = path; made.length >= this.path.length; made = made.slice(0, made.lastIndexOf('/'))) {
      await unless(['EPERM'], chmod(made, directoryMode));
    }
  }

  /** Runs `work`; when a directory of this area is missing, makes it and runs `work` once more. */
  async within<T>(path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
      await this.make(path);
      return await work();
    }
  }

  /** Checks that the area is ours to write, making it when it is missing. */
  async prepare(): Promise<void> {
    const stats = await lookAt(this.path);
    if (stats && !stats.isDirectory()) {
      throw new StorageError(
        'permission-denied',
        `"${this.path}" must be a directory of the local driver; remove what is there.`,
      );
    }
    if (!stats) await this.make(this.path);
    const versionPath = `${this.path}/version`;
    if (await unless(['EEXIST'], writeFile(versionPath, `${VERSION}\n`, { flag: 'wx' }))) return;
    const version = (await readFile(versionPath, 'utf8')).trim();
    if (version === VERSION || version === '') return;
    const message = `"${this.path}" has the form ${version}, and this driver knows form ${VERSION} only. Update @stowage/driver-local.`;
    throw new StorageError('unsupported', message);
  }
}

/** Name of the lock of one object. */
export function lockOfKey(container: string, key: string): string {
  return hashName(`${container}\0${key}`);
}

/** Name of the lock under which a container is made and removed. */
export function lockOfContainer(container: string): string {
  return hashName(container);
}
