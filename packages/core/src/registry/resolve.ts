import type { DriverModule } from '../spi/module.js';
import { StorageError } from '../errors/storage-error.js';
import type { Preset } from './preset.js';

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
}

/** Finds and loads the driver that `type` names, synchronously. */
export function resolveDriver(type: unknown, _options: ResolveOptions = {}): ResolvedDriver {
  throw new StorageError('invalid-argument', `Unknown storage type ${typeof type}.`);
}
