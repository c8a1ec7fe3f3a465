import { StorageError } from '../errors/storage-error.js';
import type { OptionTable } from '../spi/options.js';

/** `exForceAuthUrl` -> `ex_force_auth_url`; a run of capitals is one word. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

/**
 * Maps every accepted spelling to the option's name: names and aliases, in camelCase and snake_case. Throws
 * `driver-incompatible` when one spelling would mean two options.
 */
export function listSpellings(table: OptionTable, driverType: string): ReadonlyMap<string, string> {
  const spellings = new Map<string, string>();
  for (const [name, spec] of Object.entries(table)) {
    for (const spelling of [name, ...(spec.aliases ?? [])].flatMap((each) => [each, snakeCase(each)])) {
      const taken = spellings.get(spelling);
      if (taken !== undefined && taken !== name) {
        throw new StorageError(
          'driver-incompatible',
          `The driver "${driverType}" calls two of its options "${spelling}" ("${taken}" and "${name}"): report it to its author.`,
        );
      }
      spellings.set(spelling, name);
    }
  }
  return spellings;
}
