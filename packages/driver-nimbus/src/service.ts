import type { NimbusClient } from './client.js';
import { type ProviderOptions, StorageError } from '@stowage/core/spi';

/** What the calls of a driver share. */
export interface NimbusService {
  readonly client: NimbusClient;
  /** Says, once, that keys are not shown which only other software can reach. */
  tellHiddenKeys(): void;
}

/** Throws `unsupported` for a provider option that is none of `known`. */
export function refuseProviderOptions(options: ProviderOptions | undefined, known: readonly string[] = []): void {
  const name = Object.keys(options ?? {}).find((each) => !known.includes(each));
  if (name === undefined) return;
  const has = known.length === 0 ? 'none here' : `"${known.join('", "')}" here`;
  throw new StorageError('unsupported', `Nimbus.io has no provider option "${name}"; it has ${has}. Remove it.`);
}
