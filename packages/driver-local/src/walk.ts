import { compareBytes } from '@stowage/core/spi';
import { type Entries, namesOfEntry, readEntries } from './entries.js';
import { directoryNames } from './keys.js';
import type { LocalStore } from './store.js';

/** How far a walk has come: beyond this key, and with `whole` beyond every key that begins with it. */
export interface Position {
  readonly key: string;
  readonly whole: boolean;
}

/** What a walk meets next: the key of an object, or the beginning, ending in a slash, of the keys of a directory. */
export interface Step {
  readonly key: string;
  readonly isDirectory: boolean;
  readonly names: readonly string[];
}

interface Frame {
  readonly names: readonly string[];
  /** What all keys of the directory begin with. */
  readonly prefix: string;
  entries: Entries;
  index: number;
}

/**
 * Walks keys in byte order. It reads the directories on the way to the next key and no other: neither those that the prefix rules
 * out, nor those before the position.
 */
export class Walk {
  readonly #store: LocalStore;
  readonly #container: string;
  readonly #prefix: string;
  readonly #frames: Frame[] = [];
  readonly #mostKept: number | undefined;
  #position: Position | undefined;
  #started = false;

  /** `mostKept` bounds the names of one directory that are kept at once; default 100,000. */
  constructor(store: LocalStore, container: string, prefix: string, position: Position | undefined, mostKept?: number) {
    this.#store = store;
    this.#container = container;
    this.#prefix = prefix;
    this.#position = position;
    this.#mostKept = mostKept;
  }

  get position(): Position | undefined {
    return this.#position;
  }

  /** The next step; undefined at the end. A directory is passed over unless `enter` is called. */
  async next(): Promise<Step | undefined> {
    if (!this.#started) await this.#start();
    for (let frame = this.#frames.at(-1); frame; frame = this.#frames.at(-1)) {
      const name = frame.entries.names[frame.index++];
      if (name === undefined) {
        await this.#goOn(frame);
        continue;
      }
      const key = frame.prefix + name;
      const isDirectory = name.endsWith('/');
      if (!isBeyond(this.#position, key, isDirectory)) continue;
      if (!isDirectory) this.#position = { key, whole: false };
      return { key, isDirectory, names: [...frame.names, ...namesOfEntry(frame.entries, name)] };
    }
    return undefined;
  }

  /** Goes on with what is in a directory. */
  async enter({ key, names }: Step): Promise<void> {
    this.#frames.push({ names, prefix: key, entries: await this.#read(names, key), index: 0 });
  }

  /** Passes over every key that begins with `prefix`. */
  skip(prefix: string): void {
    this.#position = { key: prefix, whole: true };
    while (this.#frames.at(-1)?.prefix.startsWith(prefix)) this.#frames.pop();
  }

  /** True when it is known without reading anything that no step follows. */
  isDone(): boolean {
    return this.#started && this.#frames.every(({ entries, index }) => index >= entries.names.length && !entries.isCut);
  }

  /** True when the position lies inside a directory, so that not all of its keys are still to come. */
  isPartlyDone(directory: string): boolean {
    return this.#position !== undefined && this.#position.key.startsWith(directory);
  }

  async #start(): Promise<void> {
    this.#started = true;
    const prefix = this.#prefix.slice(0, this.#prefix.lastIndexOf('/') + 1);
    await this.enter({ key: prefix, isDirectory: true, names: directoryNames(prefix) });
  }

  /** At the end of what was read of a directory: reads more of it, or leaves it. */
  async #goOn(frame: Frame): Promise<void> {
    const last = frame.entries.names.at(-1);
    if (!frame.entries.isCut || last === undefined) {
      this.#frames.pop();
      return;
    }
    frame.entries = await this.#read(frame.names, frame.prefix, last);
    frame.index = 0;
  }

  async #read(names: readonly string[], prefix: string, last?: string): Promise<Entries> {
    const isWanted = (name: string): boolean =>
      (last === undefined || compareBytes(name, last) > 0) && this.#isWanted(prefix, name);
    return await readEntries(this.#store, this.#container, names, isWanted, this.#mostKept);
  }

  #isWanted(directory: string, name: string): boolean {
    const key = directory + name;
    return key.startsWith(this.#prefix) && isBeyond(this.#position, key, name.endsWith('/'));
  }
}

/** True when a key, or any key of a directory, lies beyond a position. */
function isBeyond(position: Position | undefined, key: string, isDirectory: boolean): boolean {
  if (!position) return true;
  if (position.whole && key.startsWith(position.key)) return false;
  if (isDirectory && position.key.startsWith(key)) return true;
  return compareBytes(key, position.key) > 0;
}
