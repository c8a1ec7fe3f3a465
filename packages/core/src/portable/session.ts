import type { Caller, SharedCall } from '../call/caller.js';
import type { Validator } from '../call/validate.js';
import { StorageError } from '../errors/storage-error.js';
import type { TransferContext } from '../transfer/transfer-context.js';
import type { Emulation } from './emulation.js';

/** What a storage and all handles that come from it share. */
export interface Session extends TransferContext {
  readonly validator: Validator;
  readonly emulation: Emulation;
}

/** Returns the group; throws `unsupported`, naming what is missing, when the driver has none. */
export function need<G>(session: Session, group: G | undefined, operation: string, what: string): G {
  if (group !== undefined) return group;
  const { provider } = session;
  const message = `${provider} has no ${what}, so ${operation}() cannot work; ask storage.can before you call it.`;
  throw new StorageError('unsupported', message, { provider, operation });
}

/** Runs work of many requests under one signal and one deadline. */
export async function together<T>(
  session: Session,
  options: Parameters<Caller['share']>[0],
  work: (options: SharedCall['options']) => Promise<T>,
): Promise<T> {
  const shared = session.caller.share(options);
  try {
    return await work(shared.options);
  } finally {
    shared.end();
  }
}
