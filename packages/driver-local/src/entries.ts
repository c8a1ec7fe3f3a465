import type { Dirent } from 'node:fs';
import { compareBytes } from '@stowage/core/spi';
import { listEntries, openDirectory } from './calls.js';
import type { Directory } from './directory.js';
import { displacedNames, isSame, meaningOf, namesOfSegment } from './keys.js';
import type { LocalStore } from './store.js';

/** Names kept of one directory at once: some 10 MB. Of a longer one, the first of them in order; the rest takes another reading. */
const MOST_KEPT = 100_000;
/** A directory that takes more than this is read bit by bit rather than whole. */
const LARGE_DIRECTORY_BYTES = 1024 * 1024;
const NAMES_AT_ONCE = 1024;
const SURROGATE = /[\ud800-\udfff]/;

/** What one directory holds, in the order of the keys: `name` is an object, `name/` a directory of more. */
export interface Entries {
  readonly names: readonly string[];
  /** Segments of the objects that gave way to a directory. */
  readonly displaced: ReadonlySet<string>;
  /** True when `names` ends before the directory does. */
  readonly isCut: boolean;
}

/** Finds the names of a directory that `isWanted`, each an object's segment or a directory's with a slash. */
export async function readEntries(
  store: LocalStore,
  container: string,
  names: readonly string[],
  isWanted: (entry: string) => boolean,
  mostKept = MOST_KEPT,
): Promise<Entries> {
  const reader = new EntryReader(store, container, isWanted, mostKept);
  await reader.read(names, '');
  return reader.result();
}

/** The path of an entry below its directory. */
export function namesOfEntry({ displaced }: Pick<Entries, 'displaced'>, entry: string): string[] {
  if (entry.endsWith('/')) return namesOfSegment(entry.slice(0, -1));
  return displaced.has(entry) ? displacedNames(entry) : namesOfSegment(entry);
}

/** True when there is any object in a directory, or below it. */
export async function holdsObject(store: LocalStore, container: string, names: readonly string[]): Promise<boolean> {
  const directory = await store.tree.openDirectory(container, names);
  if ('kind' in directory) return false;
  try {
    const below: string[] = [];
    for await (const entry of await openDirectory(directory.at())) {
      const meaning = meaningOf(entry.name);
      if (entry.isFile() && meaning && meaning.kind !== 'continued') return true;
      if (entry.isDirectory() && meaning && meaning.kind !== 'displaced') below.push(entry.name);
    }
    for (const name of below) if (await holdsObject(store, container, [...names, name])) return true;
    return false;
  } finally {
    directory.close();
  }
}

class EntryReader {
  readonly #store: LocalStore;
  readonly #container: string;
  readonly #isWanted: (entry: string) => boolean;
  readonly #mostKept: number;
  readonly #displaced = new Set<string>();
  #names: string[] = [];
  /** Names after this one are not kept. */
  #last: string | undefined;

  constructor(store: LocalStore, container: string, isWanted: (entry: string) => boolean, mostKept: number) {
    this.#store = store;
    this.#container = container;
    this.#isWanted = isWanted;
    this.#mostKept = mostKept;
  }

  /** Reads a directory; `head` is the beginning of a long segment that goes on in it. */
  async read(names: readonly string[], head: string): Promise<void> {
    const directory = await this.#store.tree.openDirectory(this.#container, names);
    if ('kind' in directory) return;
    const continued: string[] = [];
    try {
      await eachEntry(directory, (entry) => {
        const name = this.#take(entry, head, names);
        if (name !== undefined) continued.push(name);
      });
    } finally {
      directory.close();
    }
    for (const name of continued) await this.read([...names, name], head + name.slice(0, -CONTINUED_LENGTH));
  }

  result(): Entries {
    this.#sort();
    const isCut = this.#last !== undefined;
    return { names: this.#names, displaced: this.#displaced, isCut };
  }

  /** Keeps an entry; gives back the name of a directory in which a long segment goes on. */
  #take(entry: Dirent, head: string, above: readonly string[]): string | undefined {
    const isDirectory = entry.isDirectory();
    if (!isDirectory && !entry.isFile()) return undefined;
    const meaning = meaningOf(entry.name);
    if (!meaning) return undefined;
    if (meaning.kind === 'continued') return isDirectory ? entry.name : undefined;
    const isDisplaced = meaning.kind === 'displaced';
    if (isDirectory && isDisplaced) return undefined;
    const segment = head + meaning.segment;
    if (head === '' || isItsPlace(segment, isDisplaced, above, entry.name))
      this.#keep(segment, isDirectory, isDisplaced);
    return undefined;
  }

  #keep(segment: string, isDirectory: boolean, isDisplaced: boolean): void {
    const name = isDirectory ? `${segment}/` : segment;
    if (this.#last !== undefined && compareBytes(name, this.#last) > 0) return;
    if (!this.#isWanted(name)) return;
    this.#names.push(name);
    if (isDisplaced) this.#displaced.add(segment);
    if (this.#names.length >= 2 * this.#mostKept) this.#cut();
  }

  #cut(): void {
    this.#sort();
    this.#names.length = Math.min(this.#names.length, this.#mostKept);
    this.#last = this.#names.at(-1);
  }

  /** Sorts by bytes. A name comes twice when another program put a file before an object that had given way: that file counts. */
  #sort(): void {
    // The built-in order is by UTF-16 units, which is that of the bytes as long as there are no surrogates.
    if (this.#names.some((name) => SURROGATE.test(name))) this.#names.sort(compareBytes);
    else this.#names.sort();
    this.#names = this.#names.filter((name, index) => {
      const isRepeated = name === this.#names[index - 1];
      if (isRepeated) this.#displaced.delete(name);
      return !isRepeated;
    });
  }
}

const CONTINUED_LENGTH = 2;

/** False for a name that only looks like the end of a long segment: no key is kept there. */
function isItsPlace(segment: string, isDisplaced: boolean, above: readonly string[], name: string): boolean {
  const names = isDisplaced ? displacedNames(segment) : namesOfSegment(segment);
  return isSame(names, [...above.slice(above.length - names.length + 1), name]);
}

async function eachEntry(directory: Directory, use: (entry: Dirent) => void): Promise<void> {
  if (directory.size <= LARGE_DIRECTORY_BYTES) {
    for (const entry of await listEntries(directory.at(), { withFileTypes: true })) use(entry);
    return;
  }
  const stream = await openDirectory(directory.at(), { bufferSize: NAMES_AT_ONCE });
  await new Promise<void>((resolve, reject) => {
    const step = (error: Error | null, entry: Dirent | null): void => {
      if (error) {
        reject(error);
        return;
      }
      if (!entry) {
        resolve();
        return;
      }
      use(entry);
      stream.read(step);
    };
    stream.read(step);
  }).finally(() => stream.close());
}
