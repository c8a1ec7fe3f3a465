import type { DriverHost } from './context.js';
import type { StorageDriver } from './driver.js';
import type { OptionTable } from './options.js';

/** Raised when the contract between core and drivers changes so that old drivers no longer fit. */
export const DRIVER_API = 1;

/**
 * What a driver package exports as `driver`. Its package name matches `^(@scope/)?(stowage-)?driver-[a-z0-9-]+$` and it
 * peer-depends on `@stowage/core`.
 */
export interface DriverModule<Options extends object = Readonly<Record<string, unknown>>> {
  /** The `DRIVER_API` that the driver was built for. */
  readonly api: number;
  /** Short family name, such as `s3`. */
  readonly type: string;
  /** Every option that the driver knows; others are refused by name. */
  readonly options: OptionTable;
  /** Provider constant in lower case -> defaults. Options that the user gives win over them. */
  readonly presets?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  /**
   * Makes a driver without any request. `options` were checked against the table and are in camelCase.
   * Throws `invalid-argument` for values that do not fit together.
   */
  create(options: Options, host: DriverHost): StorageDriver;
}
