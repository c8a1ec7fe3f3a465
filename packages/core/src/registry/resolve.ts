import { StorageError } from '../errors/storage-error.js';
import type { DriverModule } from '../spi/module.js';
import { builtInDriver } from './built-in.js';
import { type DriverFamily, familyOf, familyOfPackage } from './known-drivers.js';
import { type InstalledPackage, loadDriver, type LoadedDriver } from './load-driver.js';
import { checkModule } from './module-shape.js';
import { didYouMean } from '../errors/nearest.js';
import { listPlaces, type Place } from './places.js';
import type { Preset } from './preset.js';
import { namesOf, findRow, presetOf, type ProviderRow, valueOf } from './presets.js';
import { parseTypeName } from './type-name.js';
import { unknownType } from './unknown-type.js';

export interface ResolveOptions {
  /** Drivers that the application imported itself: looked at before any package. */
  readonly drivers?: readonly DriverModule[] | undefined;
  /** The caller's `import.meta.url`, or the path of a file or folder of the application. */
  readonly resolveFrom?: string | undefined;
  /** Looked at last. Default: the working directory. */
  readonly cwd?: string | undefined;
}

export interface ResolvedDriver {
  readonly module: DriverModule;
  /** What the type's name brings with it: give it to `readOptions`. `preset.provider` is the name for `storage.provider`. */
  readonly preset: Preset;
  /** The package that it came from; missing for drivers that the application gave and for the built-in one. */
  readonly installed?: InstalledPackage | undefined;
}

/**
 * Finds and loads the driver that `type` names, synchronously.
 *
 * Looks at `drivers`, then for its package from `resolveFrom`, from the application's entry file, from core's own place and
 * from the working directory. Throws `invalid-argument` for an unknown type, `driver-missing` when the package is not
 * installed, `driver-incompatible` when it was made for another driver API or is no driver; errors of the package itself, such
 * as Node's for a dependency that it lacks, are thrown as they are.
 */
export function resolveDriver(type: unknown, options: ResolveOptions = {}): ResolvedDriver {
  const drivers = checkDrivers(options.drivers ?? []);
  if (typeof type === 'object' && type !== null) return resolveModule(type);
  if (typeof type !== 'string' && typeof type !== 'number') throw unknownType(type, drivers);
  const name = parseTypeName(type);
  switch (name.kind) {
    case 'provider':
      return resolveProvider(name.row, drivers, options);
    case 'package':
      return resolvePackage(name.packageName, name.preset, drivers, options);
    case 'word': {
      const module = findByName([name.word], [name.word], drivers);
      if (module === undefined) throw unknownType(type, drivers);
      return { module, preset: ownPreset(module, name.word) ?? plainPreset(module.type) };
    }
    case 'unknown':
      throw unknownType(type, drivers);
  }
}

function checkDrivers(drivers: readonly DriverModule[]): readonly DriverModule[] {
  return drivers.map((driver, index) => checkModule(driver, { name: `Element ${index} of "drivers"` }));
}

function resolveModule(candidate: object): ResolvedDriver {
  const module = checkModule(candidate, { name: 'The value given as "type"' });
  return { module, preset: plainPreset(module.type) };
}

function resolveProvider(row: ProviderRow, drivers: readonly DriverModule[], options: ResolveOptions): ResolvedDriver {
  const family = row.family && familyOf(row.family);
  const given = findByName(namesOf(row), family?.moduleTypes ?? [], drivers);
  const found = given ? { module: given } : family && requireFamily(row, family, options);
  if (found === undefined) throw noDriverOfOurs(row);
  return { ...found, preset: combinePresets(row, found.module, family) };
}

/** Core's row says where the provider is; a preset of the same name in the driver adds how that provider likes to be treated. */
function combinePresets(row: ProviderRow, module: DriverModule, family: DriverFamily | undefined): Preset {
  const own = namesOf(row)
    .map((name) => ownPreset(module, name))
    .find((preset) => preset !== undefined);
  const ours = presetOf(row);
  if (own === undefined) return ours;
  const sameFamily = family?.moduleTypes.includes(module.type.toLowerCase()) ?? false;
  if (!sameFamily) return { provider: ours.provider, defaults: own.defaults };
  return { ...ours, defaults: { ...ours.defaults, ...own.defaults } };
}

function requireFamily(
  row: ProviderRow,
  family: DriverFamily,
  options: ResolveOptions,
): Omit<ResolvedDriver, 'preset'> {
  if (family.packageName === undefined) return { module: builtInDriver };
  return requirePackage(family.packageName, row.constant, listPlaces(options));
}

function noDriverOfOurs(row: ProviderRow): StorageError {
  return new StorageError(
    'driver-missing',
    `Stowage has no driver of its own for ${row.constant} (${row.title}).${row.note === undefined ? '' : ` ${row.note}`} ` +
      "Look for another author's driver on npm (keyword stowage-driver), install it, and give its package name as the type.",
    { provider: valueOf(row) },
  );
}

function resolvePackage(
  packageName: string,
  presetName: string | undefined,
  drivers: readonly DriverModule[],
  options: ResolveOptions,
): ResolvedDriver {
  const family = familyOfPackage(packageName);
  const given = findByName([], family?.moduleTypes ?? [], drivers);
  const found = given ? { module: given } : requirePackage(packageName, packageName, listPlaces(options));
  const { module } = found;
  if (presetName === undefined) return { ...found, preset: plainPreset(packageName) };
  const row = findRow(presetName);
  if (row?.family !== undefined && row.family === family?.family) {
    return { ...found, preset: combinePresets(row, module, family) };
  }
  const own = ownPreset(module, presetName);
  if (own) return { ...found, preset: { ...own, provider: `${packageName}:${presetName}` } };
  const presets = Object.keys(module.presets ?? {});
  const known = presets.length === 0 ? 'no presets' : presets.join(', ');
  throw new StorageError(
    'invalid-argument',
    `${packageName} has no preset "${presetName}"; it has ${known}.${didYouMean(presetName, presets)}`,
  );
}

function requirePackage(packageName: string, wanted: string, places: readonly Place[]): LoadedDriver {
  const loaded = loadDriver(packageName, places);
  if (loaded) return loaded;
  const looked = [...new Set(places.map(({ label }) => label))].join(', ');
  throw new StorageError(
    'driver-missing',
    `No driver is installed for type "${wanted}": install it with \`npm install ${packageName}\`. ` +
      `(Looked for it from ${looked}. In a bundled application import the driver and give it in "drivers".)`,
  );
}

/** An application's own driver answers to its presets first, then to its type. */
function findByName(
  presetNames: readonly string[],
  moduleTypes: readonly string[],
  drivers: readonly DriverModule[],
): DriverModule | undefined {
  return (
    drivers.find((driver) => presetNames.some((name) => ownPreset(driver, name) !== undefined)) ??
    drivers.find((driver) => moduleTypes.includes(driver.type.toLowerCase()))
  );
}

/** A driver's own preset takes the place of core's row of the same name. */
function ownPreset(module: DriverModule, name: string): Preset | undefined {
  if (!module.presets || !Object.hasOwn(module.presets, name)) return undefined;
  return { provider: name, defaults: module.presets[name] ?? {} };
}

function plainPreset(provider: string): Preset {
  return { provider, defaults: {} };
}
