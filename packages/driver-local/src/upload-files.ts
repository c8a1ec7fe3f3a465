import { readFile, rm, writeFile } from 'node:fs/promises';
import type { Checksums, PutAttributes, UploadRef } from '@stowage/core/spi';
import {
  closeFile,
  isErrno,
  listIfThere,
  listNames,
  lookAt,
  makeDirectory,
  openFile,
  removeFile,
  renameFile,
  unless,
} from './calls.js';
import { uploadNotFound } from './errors.js';
import { pickAttributes, type StoredAttributes } from './facts.js';
import type { LocalStore } from './store.js';

/*
 * An upload is a directory: `upload.json` tells what it shall become, `data` takes each part at its offset, and `parts/<number>`
 * tells that a part is whole. While the upload is completed `data` is called `whole`, so that no part is written any more.
 */
const DATA = 'data';
const WHOLE = 'whole';
const ABOUT = 'upload.json';
export const UPLOAD_ID = /^[0-9a-f]{32}$/;

export interface StoredUpload {
  readonly key: string;
  readonly attributes: StoredAttributes;
  readonly startedAtMs: number;
}

export interface StoredPart {
  readonly number: number;
  readonly offset: number;
  readonly size: number;
  readonly etag: string;
  readonly checksums: Checksums;
}

/** The files of one upload. */
export class UploadFiles {
  readonly #store: LocalStore;
  readonly folder: string;
  readonly whole: string;

  constructor(store: LocalStore, container: string, uploadId: string) {
    this.#store = store;
    this.folder = `${store.area.uploads(container)}/${uploadId}`;
    this.whole = `${this.folder}/${WHOLE}`;
  }

  async create(key: string, attributes: PutAttributes): Promise<void> {
    const { area, host } = this.#store;
    const parent = this.folder.slice(0, this.folder.lastIndexOf('/'));
    await area.within(parent, () => makeDirectory(this.folder, 0o777));
    await makeDirectory(`${this.folder}/parts`, 0o777);
    await closeFile(await openFile(`${this.folder}/${DATA}`, 'wx', 0o666));
    await this.#write(ABOUT, { key, attributes: pickAttributes(attributes), startedAtMs: host.nowMs() });
  }

  /** Undefined when the upload was completed, aborted or swept, or is just being made. */
  async read(): Promise<StoredUpload | undefined> {
    return (await this.#read(ABOUT)) as StoredUpload | undefined;
  }

  /** Throws `upload-not-found`, also when the upload is of another key. */
  async expect(upload: UploadRef): Promise<StoredUpload> {
    const stored = UPLOAD_ID.test(upload.uploadId) ? await this.read() : undefined;
    if (stored?.key !== upload.ref.key) throw uploadNotFound(upload);
    return stored;
  }

  /** Opens the file that takes the parts; undefined when it takes none any more. Close it. */
  async openData(): Promise<number | undefined> {
    return await openIfThere(`${this.folder}/${DATA}`);
  }

  /** Opens the file with all parts, after `close`; undefined when it became an object already. Close it. */
  async openWhole(): Promise<number | undefined> {
    return await openIfThere(this.whole);
  }

  /** True while the upload is completed, and after a completion that was cut short by the end of its process. */
  async isClosed(): Promise<boolean> {
    return (await lookAt(this.whole)) !== undefined;
  }

  /** Lets no further part be written; those that are under way go on. */
  async close(): Promise<void> {
    await unless(['ENOENT'], renameFile(`${this.folder}/${DATA}`, this.whole));
  }

  /** Takes parts again, after a completion that failed. */
  async reopen(): Promise<void> {
    await unless(['ENOENT'], renameFile(this.whole, `${this.folder}/${DATA}`));
  }

  async readPart(number: number): Promise<StoredPart | undefined> {
    return (await this.#read(`parts/${number}`)) as StoredPart | undefined;
  }

  async writePart(part: StoredPart): Promise<void> {
    await this.#write(`parts/${part.number}`, part);
  }

  async removePart(number: number): Promise<void> {
    await unless(['ENOENT'], removeFile(`${this.folder}/parts/${number}`));
  }

  /** Numbers of the parts that are whole, in their order. */
  async partNumbers(): Promise<number[]> {
    const names = await listNames(`${this.folder}/parts`);
    const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number);
    return numbers.sort((a, b) => a - b);
  }

  /** Milliseconds since 1970 of the last sign of life; undefined when there is no such upload. */
  async lastChangeMs(): Promise<number | undefined> {
    const paths = [this.folder, `${this.folder}/parts`, `${this.folder}/${DATA}`, this.whole];
    const stats = await Promise.all(paths.map(lookAt));
    const times = stats.flatMap((found) => (found ? [Number(found.mtimeMs)] : []));
    return times.length === 0 ? undefined : Math.max(...times);
  }

  async remove(): Promise<void> {
    // Without this file there is no upload, whatever else is still there.
    await unless(['ENOENT', 'ENOTDIR'], removeFile(`${this.folder}/${ABOUT}`));
    await rm(this.folder, { recursive: true, force: true });
  }

  async #read(name: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(`${this.folder}/${name}`, 'utf8'));
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR') || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  async #write(name: string, value: object): Promise<void> {
    const unfinished = `${this.folder}/${this.#store.host.randomBytes(8).toString('hex')}.json`;
    await writeFile(unfinished, JSON.stringify(value), { flush: this.#store.settings.fsync });
    await renameFile(unfinished, `${this.folder}/${name}`);
  }
}

/** The ids of all uploads of a container, in their order. */
export async function uploadIds(store: LocalStore, container: string): Promise<string[]> {
  const names = await listIfThere(store.area.uploads(container));
  return names.filter((name) => UPLOAD_ID.test(name)).sort();
}

async function openIfThere(path: string): Promise<number | undefined> {
  try {
    return await openFile(path, 'r+');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
