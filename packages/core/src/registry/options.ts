import { StorageError } from '../errors/storage-error.js';
import type { DriverModule } from '../spi/module.js';
import type { Preset } from './preset.js';

export interface ReadOptionsResult {
  /** For `DriverModule.create`: checked, in camelCase, with the preset's defaults. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Every secret text among them, so that no message ever shows one. */
  readonly secrets: readonly string[];
}

/** Checks what the user gave (without `type`) against the driver's table and fills in what the preset brings. */
export function readOptions(
  _module: DriverModule,
  _given: Readonly<Record<string, unknown>>,
  _preset?: Preset,
): ReadOptionsResult {
  throw new StorageError('unsupported', 'readOptions is being written.');
}
