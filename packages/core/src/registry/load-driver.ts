import { createRequire } from 'node:module';
import { StorageError } from '../errors/storage-error.js';
import type { DriverModule } from '../spi/module.js';
import { checkModule } from './module-shape.js';
import { findManifestOf } from './manifest.js';
import type { Place } from './places.js';

interface NodeError extends Error {
  readonly code?: string;
  /** Set when the package is there and its entry file is not. */
  readonly path?: string;
}

/** A driver package as it is installed. */
export interface InstalledPackage {
  /** As it was asked for: an alias of the application where it has one. */
  readonly name: string;
  /** Missing when the package says none. */
  readonly version: string | undefined;
  /** The file that was loaded. */
  readonly file: string;
}

export interface LoadedDriver {
  readonly module: DriverModule;
  readonly installed: InstalledPackage;
}

/**
 * Loads the driver of a package, or gives undefined when it is not installed for any of the places. What the package throws
 * while it loads, such as Node's own error for a dependency that it lacks, passes through untouched.
 */
export function loadDriver(packageName: string, places: readonly Place[]): LoadedDriver | undefined {
  const file = findPackage(packageName, places);
  if (file === undefined) return undefined;
  const loaded = loadModule(packageName, file) as { readonly driver?: unknown };
  const manifest = findManifestOf(file);
  const version = manifest?.version;
  const module = checkModule(loaded.driver, {
    name: packageName,
    version,
    coreRange: manifest?.peerDependencies?.['@stowage/core'],
  });
  return { module, installed: { name: packageName, version, file } };
}

function findPackage(packageName: string, places: readonly Place[]): string | undefined {
  for (const { path } of places) {
    const file = resolveFrom(packageName, path);
    if (file !== undefined) return file;
  }
  return undefined;
}

function resolveFrom(packageName: string, path: string): string | undefined {
  try {
    return createRequire(path).resolve(packageName);
  } catch (error) {
    const { code, path: brokenPath } = error as NodeError;
    if (code === 'MODULE_NOT_FOUND' && brokenPath === undefined) return undefined;
    if (code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
    throw new StorageError(
      'driver-incompatible',
      `${packageName} cannot be loaded synchronously: its package.json needs a "default" condition in "exports". ` +
        'Report it to its author, or import its driver yourself and give it in "drivers".',
      { cause: error },
    );
  }
}

/**
 * Requires the file, which may be an ES module. The `require` is the file's own: Node versions that still warn about loading
 * ES modules so do not for requests that come from within `node_modules`.
 */
function loadModule(packageName: string, file: string): object {
  try {
    const loaded = createRequire(file)(file) as unknown;
    return typeof loaded === 'object' && loaded !== null ? loaded : {};
  } catch (error) {
    const reason = reasonNotSynchronous((error as NodeError | undefined)?.code);
    if (reason === undefined) throw error;
    throw new StorageError(
      'driver-incompatible',
      `${packageName} cannot be loaded synchronously: ${reason}, or import its driver yourself and give it in "drivers".`,
      { cause: error },
    );
  }
}

function reasonNotSynchronous(code: string | undefined): string | undefined {
  if (code === 'ERR_REQUIRE_ASYNC_MODULE') return 'it uses top-level await. Report it to its author';
  if (code !== 'ERR_REQUIRE_ESM') return undefined;
  return `Node ${process.versions.node} as it was started cannot require() an ES module. Use Node 20.19, 22.12 or later`;
}
