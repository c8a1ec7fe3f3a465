import { SuspiciousFileOperation } from '../errors.js';
import { basename, climbs, join, normpath, split } from './posix-path.js';
import { removeUnusualCharacters, strip } from './python-text.js';

/** Names that are no file's name. */
const NO_NAMES: ReadonlySet<string> = new Set(['', '.', '..']);

export function requireString(name: unknown, what: string): asserts name is string {
  if (typeof name !== 'string')
    throw new TypeError(`${what} must be a string, not ${name === null ? 'null' : typeof name}.`);
}

/** Takes backslashes for slashes, as Django does. */
export function toForwardSlashes(name: string): string {
  return name.replaceAll('\\', '/');
}

/** Throws `SuspiciousFileOperation` for a directory that holds `..`. */
export function refuseClimbing(directory: string): void {
  if (climbs(directory)) throw new SuspiciousFileOperation(`Detected path traversal attempt in '${directory}'`);
}

/**
 * Splits a name at its last slash, backslashes taken for slashes.
 * Throws `SuspiciousFileOperation` when its directory holds `..`.
 */
export function splitDirectory(name: string): readonly [directory: string, fileName: string] {
  requireString(name, 'A file name');
  const [directory, fileName] = split(toForwardSlashes(name));
  refuseClimbing(directory);
  return [directory, fileName];
}

/**
 * Checks a name as Django's `validate_file_name` does, and returns it. With `allowRelativePath` it may have directories.
 * Throws `SuspiciousFileOperation` for a name that is empty, absolute, climbs out, or has directories where none may be.
 */
export function validateFileName(name: string, options: { readonly allowRelativePath?: boolean } = {}): string {
  requireString(name, 'A file name');
  if (NO_NAMES.has(basename(name))) throw new SuspiciousFileOperation(`Could not derive file name from '${name}'`);
  if (options.allowRelativePath) {
    const path = toForwardSlashes(name);
    if (path.startsWith('/') || climbs(path)) {
      throw new SuspiciousFileOperation(`Detected path traversal attempt in '${name}'`);
    }
  } else if (name !== basename(name)) {
    throw new SuspiciousFileOperation(`File name '${name}' includes path elements`);
  }
  return name;
}

/**
 * Makes a file name of any text as Django's `get_valid_filename` does: `John's portrait.jpg` -> `Johns_portrait.jpg`.
 * Throws `SuspiciousFileOperation` when nothing is left of it.
 */
export function getValidFilename(name: string): string {
  requireString(name, 'A file name');
  const valid = removeUnusualCharacters(strip(name).replaceAll(' ', '_'));
  if (NO_NAMES.has(valid)) throw new SuspiciousFileOperation(`Could not derive file name from '${name}'`);
  return valid;
}

/** Keeps the directory and makes a valid name of the rest with `getValidName`, as Django's `Storage.generate_filename` does. */
export function generateFilename(name: string, getValidName: (name: string) => string): string {
  const [directory, fileName] = splitDirectory(name);
  return normpath(join(directory, getValidName(fileName)));
}

/** Normalises a name as django-storages' `clean_name` does: `a/./b\\c/` -> `a/b/c/`. */
export function cleanName(name: string): string {
  requireString(name, 'A file name');
  const clean = toForwardSlashes(normpath(name));
  if (name.endsWith('/') && !clean.endsWith('/')) return `${clean}/`;
  return clean === '.' ? '' : clean;
}

/**
 * The one key in the bucket that a name stands for, whatever is done with it; empty for the bucket's root.
 * Throws `SuspiciousFileOperation` for a name that climbs out of the bucket or is no Unicode text.
 */
export function keyOf(name: string): string {
  requireString(name, 'A file name');
  const key = cleanName(toForwardSlashes(name));
  if (climbs(key)) throw new SuspiciousFileOperation(`Detected path traversal attempt in '${name}'`);
  if (/\p{Surrogate}/u.test(key))
    throw new SuspiciousFileOperation(`The file name ${JSON.stringify(name)} is no Unicode text`);
  return key === './' ? '' : key;
}

/** Escapes a name for the path of a URL as Django's `filepath_to_uri` does; slashes stay. */
export function filepathToUri(path: string): string {
  return toForwardSlashes(path).split('/').map(encodeURIComponent).join('/');
}
