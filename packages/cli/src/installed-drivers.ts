import { readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isStorageError, knownProviders, packageForType, resolveDriver } from '@stowage/core';

/** A driver package that can be named as a `type` here. */
export interface InstalledDriver {
  readonly packageName: string;
  readonly version: string | undefined;
  /** `DriverModule.type`; missing when the package cannot be used. */
  readonly type: string | undefined;
  /** Names that may follow the package's, as `package:preset`. */
  readonly presets: readonly string[];
  /** True for packages of Stowage itself. */
  readonly isOurs: boolean;
  /** Why the package cannot be used, though it is there. */
  readonly problem: string | undefined;
}

/** Loads every driver package that a `type` can name from this folder: ours, and those that are named like drivers. */
export function findInstalledDrivers(folder: string): InstalledDriver[] {
  const ours = new Set(knownProviders().flatMap(({ packageName }) => packageName ?? []));
  const places = [folder, dirname(fileURLToPath(import.meta.url))];
  const others = places.flatMap(listDriverNames).filter((name) => !ours.has(name));
  const names = [...ours, ...new Set(others.sort())];
  return names.flatMap((name) => load(name, folder, ours.has(name)) ?? []);
}

function load(packageName: string, folder: string, isOurs: boolean): InstalledDriver | undefined {
  try {
    const { module, installed } = resolveDriver(packageName, { resolveFrom: join(folder, sep) });
    const presets = Object.keys(module.presets ?? {}).sort();
    return { packageName, version: installed?.version, type: module.type, presets, isOurs, problem: undefined };
  } catch (error) {
    if (isStorageError(error, 'driver-missing')) return undefined;
    const problem = error instanceof Error ? error.message : String(error);
    return { packageName, version: undefined, type: undefined, presets: [], isOurs, problem };
  }
}

/** Names of driver packages in the `node_modules` of this folder and of those above it. */
function listDriverNames(folder: string): string[] {
  const names: string[] = [];
  for (let place = folder; ; place = dirname(place)) {
    const packages = join(place, 'node_modules');
    for (const name of namesIn(packages)) {
      if (name.startsWith('@')) names.push(...namesIn(join(packages, name)).map((inner) => `${name}/${inner}`));
      else names.push(name);
    }
    if (place === dirname(place)) break;
  }
  return names.filter((name) => packageForType(name) === name);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
