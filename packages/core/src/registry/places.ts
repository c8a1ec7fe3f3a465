import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StorageError } from '../errors/storage-error.js';
import { fileOfModule } from './manifest.js';

/** A file or folder from which packages are looked for, as Node would for an `import` written there. */
export interface Place {
  /** For messages, such as `the application`. */
  readonly label: string;
  /** Absolute path; a folder ends with a separator. */
  readonly path: string;
}

export interface PlacesInput {
  readonly resolveFrom?: string | undefined;
  readonly cwd?: string | undefined;
  /** Default: `process.argv[1]`, which is missing in a REPL and under `node --import x --eval y`. */
  readonly entry?: string | undefined;
}

/**
 * Lists where a driver may be, in the order of looking: the caller, the application's entry file, core's own place, and the
 * working directory. Throws `invalid-argument` for a `resolveFrom` that is no file URL and no absolute path.
 */
export function listPlaces({ resolveFrom, cwd, entry = process.argv[1] }: PlacesInput): Place[] {
  const places: Place[] = [];
  if (resolveFrom !== undefined) places.push({ label: '"resolveFrom"', path: asFolder(readResolveFrom(resolveFrom)) });
  if (entry !== undefined && isAbsolute(entry)) {
    places.push({ label: 'the application', path: asFolder(entry) });
    const real = followLinks(entry);
    if (real !== entry) places.push({ label: 'the application', path: asFolder(real) });
  }
  const own = fileOfModule(import.meta.url);
  if (own !== undefined) places.push({ label: '@stowage/core', path: own });
  places.push({ label: 'the working directory', path: join(cwd ?? process.cwd(), sep) });
  return places;
}

function readResolveFrom(value: unknown): string {
  if (typeof value === 'string') {
    if (isAbsolute(value)) return value;
    if (value.startsWith('file:') && URL.canParse(value)) return fileURLToPath(value);
  }
  throw new StorageError(
    'invalid-argument',
    '"resolveFrom" must be a file URL or an absolute path: give import.meta.url, or __filename in CommonJS.',
  );
}

/** Node looks beside the last part of a path; a folder's own `node_modules` is seen only with a separator at its end. */
function asFolder(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, sep) : path;
}

/** An installed command is started through a link in another folder. */
function followLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
