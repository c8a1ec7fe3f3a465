import type { CallSubject, Caller } from '../call/caller.js';
import type { StorageDriver } from '../spi/driver.js';
import type { DriverHost } from '../spi/context.js';
import type { ObjectRef } from '../spi/records.js';

/** One opened storage, as a transfer needs it. */
export interface TransferContext {
  /** As the caller named it. */
  readonly provider: string;
  readonly driver: StorageDriver;
  readonly caller: Caller;
  readonly host: DriverHost;
}

/** What a request that carries a body is about. It has no deadline of its own: a body takes the time it takes. */
export function bodySubject(operation: string, ref: ObjectRef, changes: boolean): CallSubject {
  return { operation, container: ref.container, key: ref.key, changes, timeoutMs: Infinity };
}
