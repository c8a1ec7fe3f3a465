import { DRIVER_API, type DriverModule, type StorageDriver, StorageError } from '@stowage/core/spi';
import { createLocalDriver, storeOf } from './driver.js';
import { classified } from './errors.js';
import { localOptions, type LocalOptions } from './options.js';
import { sweepAll, type SweepReport } from './sweep.js';

export type { LocalOptions } from './options.js';
export { createRequestHandler, type RequestHandler, type RequestHandlerOptions } from './serve.js';
export type { SweepReport } from './sweep.js';

/** The driver for directories of this machine. */
export const driver: DriverModule<LocalOptions> = {
  api: DRIVER_API,
  type: 'local',
  options: localOptions,
  create: createLocalDriver,
};

/**
 * Removes what is left of processes that ended and of objects that other programs removed: unfinished files, uploads in parts that
 * nobody goes on with, metadata without an object. Unfinished files and uploads are also swept before the first write of each
 * driver; metadata only here, since that reads those of every object. It never touches what a running process writes.
 *
 * Give it the driver of an open storage: `await sweep(storage.driver)`. Throws `invalid-argument` for other drivers.
 */
export async function sweep(
  local: StorageDriver,
  options: { readonly signal?: AbortSignal } = {},
): Promise<SweepReport> {
  const store = storeOf(local);
  if (!store) throw new StorageError('invalid-argument', 'sweep() needs a driver of @stowage/driver-local.');
  return await classified(options.signal, () => sweepAll(store, { signal: options.signal, attempt: 1 }));
}
