import { type CallContext, type ObjectRef, type ProviderOptions, StorageError } from '@stowage/core/spi';

export function containerNotFound(container: string): StorageError {
  return new StorageError('container-not-found', `There is no container "${container}".`, { container });
}

export function objectNotFound({ container, key }: ObjectRef): StorageError {
  return new StorageError('object-not-found', `There is no object "${key}".`, { container, key });
}

export function aborted(signal: AbortSignal | undefined): StorageError {
  return new StorageError('aborted', 'The call was aborted.', { cause: signal?.reason });
}

/** What every call does first. Over a network, give the signal to the request instead: it must reach the socket. */
export function checkNotAborted({ signal }: CallContext): void {
  if (signal?.aborted) throw aborted(signal);
}

/** An option that nobody honours is refused by name, never dropped. */
export function refuseOptions(options: ProviderOptions = {}): void {
  const [name] = Object.keys(options);
  if (name !== undefined) throw new StorageError('unsupported', `pocket has no provider option "${name}"; remove it.`);
}
