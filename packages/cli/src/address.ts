import { basename, sep } from 'node:path';
import { didYouMean } from '@stowage/core';
import { UsageError } from './usage-error.js';

/** `provider:key`: an object, or the keys that begin with it, in the bucket of a provider of the settings. */
export interface Address {
  /** Undefined: the default provider. */
  readonly provider: string | undefined;
  readonly key: string;
}

/** A path of this machine, `-` for the standard streams, or an address. */
export type Place = { readonly path: string } | Address;

/** What looks like an address and names no provider. A path with a slash before the colon, such as `./a:b`, does not. */
const UNKNOWN = /^([A-Za-z0-9_.-]*):/;

/** A single letter is a drive of Windows. */
const DRIVE = /^[A-Za-z]$/;

export function isAddress(place: Place): place is Address {
  return 'key' in place;
}

/** Reads `provider:key`; `:key` is of the default provider. Throws `UsageError` for anything else. */
export function parseAddress(text: string, providers: readonly string[]): Address {
  const place = parsePlace(text, providers);
  if (isAddress(place)) return place;
  throw new UsageError(`"${text}" is no address in a store: write provider:key, or :key for the default provider.`);
}

/** Reads an address or a path. Throws `UsageError` for a provider that the settings do not have. */
export function parsePlace(text: string, providers: readonly string[]): Place {
  const named = providers.find((name) => text.startsWith(`${name}:`));
  if (named !== undefined) return { provider: named, key: text.slice(named.length + 1) };
  const [, name] = UNKNOWN.exec(text) ?? [];
  if (name === undefined || (DRIVE.test(name) && sep === '\\')) return { path: text };
  if (name === '') return { provider: undefined, key: text.slice(1) };
  throw new UsageError(
    `The settings have no provider "${name}".${didYouMean(name, providers)} They have ${providers.join(', ') || 'none'}. ` +
      `For a file of this machine write ./${text}.`,
  );
}

/** The key for a file that goes to a key which is empty or ends with a slash: there, under its own name. */
export function keyFor(address: Address, sourceName: string): string {
  if (address.key !== '' && !address.key.endsWith('/')) return address.key;
  const name = basename(sourceName);
  if (name === '' || sourceName === '-') {
    throw new UsageError(`"${address.provider ?? ''}:${address.key}" names no object: write the whole key.`);
  }
  return address.key + name;
}
