import { StorageError } from '../errors/storage-error.js';
import { DRIVER_API, type DriverModule } from '../spi/module.js';
import { fileOfModule, findManifest } from './manifest.js';

/** Where a driver came from, for messages. */
export interface DriverSource {
  /** A package name, or a phrase such as `the driver given as "type"`. */
  readonly name: string;
  readonly version?: string | undefined;
  /** The package's peer range for core. */
  readonly coreRange?: string | undefined;
}

/** Checks that a value is a driver module made for this core. Throws `driver-incompatible`, telling what is wrong. */
export function checkModule(candidate: unknown, source: DriverSource): DriverModule {
  if (typeof candidate !== 'object' || candidate === null)
    throw notADriver(source, 'it exports no object named "driver"');
  const module = candidate as Partial<DriverModule>;
  if (typeof module.api !== 'number') throw notADriver(source, 'its "api" is not a number');
  if (module.api !== DRIVER_API) throw otherApi(module.api, source);
  if (typeof module.type !== 'string' || module.type === '') throw notADriver(source, 'its "type" is not a text');
  if (!isObject(module.options)) throw notADriver(source, 'its "options" are not a table');
  if (module.presets !== undefined && !isObject(module.presets))
    throw notADriver(source, 'its "presets" are not a table');
  if (typeof module.create !== 'function') throw notADriver(source, 'its "create" is not a function');
  return module as DriverModule;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe({ name, version }: DriverSource): string {
  return version === undefined ? name : `${name} ${version}`;
}

function notADriver(source: DriverSource, reason: string): StorageError {
  return new StorageError(
    'driver-incompatible',
    `${describe(source)} is no Stowage driver: ${reason}. A driver package exports "driver", a DriverModule of @stowage/core/spi.`,
  );
}

function otherApi(api: number, source: DriverSource): StorageError {
  const version = coreVersion();
  const core = version === undefined ? '@stowage/core' : `@stowage/core ${version}`;
  const fits = source.coreRange === undefined ? '' : ` (it fits @stowage/core ${source.coreRange})`;
  const advice =
    api > DRIVER_API
      ? `Update @stowage/core, or install an older version of the driver that was made for driver API ${DRIVER_API}`
      : `Install a newer version of the driver, one made for driver API ${DRIVER_API}`;
  return new StorageError(
    'driver-incompatible',
    `${describe(source)} was made for driver API ${api}${fits}, and ${core} speaks driver API ${DRIVER_API}. ${advice}.`,
  );
}

function coreVersion(): string | undefined {
  const file = fileOfModule(import.meta.url);
  return file === undefined ? undefined : findManifest(file, '@stowage/core')?.version;
}
