import { StorageError } from '../errors/storage-error.js';
import type { CallContext } from '../spi/context.js';
import type { UploadRef } from '../spi/groups.js';
import type { ProviderOptions } from '../spi/requests.js';

export function containerNotFound(container: string): StorageError {
  return new StorageError('container-not-found', `There is no container "${container}".`, { container });
}

export function uploadNotFound({ ref, uploadId }: UploadRef): StorageError {
  const { container, key } = ref;
  const message = `There is no upload "${uploadId}" of object "${key}": it was completed or aborted. Begin a new one.`;
  return new StorageError('upload-not-found', message, { container, key });
}

/** Throws `aborted` when the call was ended before it did anything. */
export function checkNotAborted({ signal }: CallContext): void {
  if (signal?.aborted) throw aborted(signal);
}

export function aborted(signal: AbortSignal): StorageError {
  return new StorageError('aborted', 'The call was aborted.', { cause: signal.reason });
}

/** Throws `unsupported` for any provider option: the memory driver has none. */
export function refuseProviderOptions(options: ProviderOptions | undefined): void {
  const name = options && Object.keys(options)[0];
  if (name === undefined) return;
  throw new StorageError('unsupported', `The memory driver has no provider option "${name}"; remove it.`);
}
