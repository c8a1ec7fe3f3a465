import { createHash } from 'node:crypto';

/*
 * How a key becomes a path below its container's directory, and back.
 *
 * A key is split at its slashes, and each segment is one file name, as it is: `photos/2024/a.jpg` is that path. Only what no
 * file system can hold is written otherwise, always by two characters at the end of a name:
 *
 *   %_   guards a segment that cannot stand alone (empty, `.`, `..`) or that happens to end in one of these marks
 *   %=   the object `a`, when `a` must be a directory because there is an object `a/b`: the file is `a%=`
 *   %+   a directory that holds the rest of a segment whose name is longer than 255 bytes
 *
 * Every name is the name of one key at most, and a name without these marks is its own key: files that other programs write
 * are objects of the same name.
 */
const GUARD = '%_';
const DISPLACED = '%=';
const CONTINUED = '%+';
const MARK_LENGTH = 2;
/** ext4, XFS, Btrfs, ZFS and APFS all stop here. */
const MAX_NAME_BYTES = 255;
/** A UTF-8 character has at most three bytes for each UTF-16 unit. */
const MOST_BYTES_PER_UNIT = 3;

/** Where an object may be: names of the path below its container, the last of them a file. */
export interface KeyPlaces {
  readonly usual: readonly string[];
  /** Where it is when `usual` is taken by a directory. */
  readonly displaced: readonly string[];
}

/** Where the object of a key may be. */
export function placesOf(key: string): KeyPlaces {
  const segments = key.split('/');
  const last = segments.pop() as string;
  const above = segments.flatMap(namesOfSegment);
  return { usual: [...above, ...namesOfSegment(last)], displaced: [...above, ...displacedNames(last)] };
}

/** Names of the directories that a key beginning with `prefix`, which ends with a slash or is empty, is below. */
export function directoryNames(prefix: string): string[] {
  return prefix === '' ? [] : prefix.slice(0, -1).split('/').flatMap(namesOfSegment);
}

/** The names that stand for one segment: one, but for a long segment, whose other names are directories above it. */
export function namesOfSegment(segment: string): string[] {
  const name = guard(segment);
  if (fits(name, MAX_NAME_BYTES)) return [name];
  const head = cutAt(segment, MAX_NAME_BYTES - MARK_LENGTH);
  return [head + CONTINUED, ...namesOfSegment(segment.slice(head.length))];
}

/** The names that stand for the last segment of an object that makes room for a directory. */
export function displacedNames(segment: string): string[] {
  const names = namesOfSegment(segment);
  const last = names.pop() as string;
  if (fits(last, MAX_NAME_BYTES - MARK_LENGTH)) return [...names, last + DISPLACED];
  const rest = segment.slice(names.reduce((length, name) => length + name.length - MARK_LENGTH, 0));
  const head = cutAt(rest, Math.floor(MAX_NAME_BYTES / 2));
  return [...names, head + CONTINUED, ...displacedNames(rest.slice(head.length))];
}

/** What a name in a directory stands for. */
export type NameMeaning =
  | { readonly kind: 'segment' | 'displaced'; readonly segment: string }
  | { readonly kind: 'continued'; readonly head: string };

/** Reads a name; undefined when no key has it. The parts of a long segment must still be put together and compared. */
export function meaningOf(name: string): NameMeaning | undefined {
  if (name.endsWith(CONTINUED) && name.length > MARK_LENGTH) {
    return { kind: 'continued', head: name.slice(0, -MARK_LENGTH) };
  }
  if (name.endsWith(DISPLACED)) {
    const segment = segmentOf(name.slice(0, -MARK_LENGTH));
    return segment === undefined ? undefined : { kind: 'displaced', segment };
  }
  const segment = segmentOf(name);
  return segment === undefined ? undefined : { kind: 'segment', segment };
}

/** A short fixed name for a text of any length and characters. */
export function hashName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** A segment of any length as a name that stands for nothing else: not empty, not `.` and not `..`. */
export function guard(segment: string): string {
  return needsGuard(segment) ? segment + GUARD : segment;
}

/** The segment that a guarded or plain name stands for; undefined for names that are written by no segment. */
export function segmentOf(name: string): string | undefined {
  if (name.endsWith(GUARD)) {
    const inner = name.slice(0, -MARK_LENGTH);
    if (needsGuard(inner)) return inner;
  }
  return needsGuard(name) ? undefined : name;
}

function needsGuard(segment: string): boolean {
  let end = segment.length;
  while (segment.endsWith(GUARD, end)) end -= MARK_LENGTH;
  if (end === 0) return true;
  const bare = end === segment.length ? segment : segment.slice(0, end);
  return bare === '.' || bare === '..' || bare.endsWith(DISPLACED) || bare.endsWith(CONTINUED);
}

function fits(name: string, maxBytes: number): boolean {
  return name.length * MOST_BYTES_PER_UNIT <= maxBytes || Buffer.byteLength(name) <= maxBytes;
}

/** The longest beginning of `text` that has at most `maxBytes` bytes and ends between two characters. */
function cutAt(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** The key of an object whose file has this path below its container; undefined when no key is kept there. */
export function keyOfNames(names: readonly string[]): string | undefined {
  let key = '';
  for (const [index, name] of names.entries()) {
    const meaning = meaningOf(name);
    if (!meaning) return undefined;
    if (meaning.kind === 'continued') key += meaning.head;
    else key += index < names.length - 1 ? `${meaning.segment}/` : meaning.segment;
  }
  const { usual, displaced } = placesOf(key);
  return isSame(usual, names) || isSame(displaced, names) ? key : undefined;
}

export function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
