import type { StorageDriver } from '../spi/driver.js';
import type { EmulationPolicy } from './emulation.js';

/**
 * Abilities that a driver has as a group of calls; `storage.supports` narrows the driver's type by them. `parts`: resumable uploads,
 * their list and sweep. `copy`: copies whose bytes do not pass through this process. `move`: moves in one step. `bulkDelete`: many keys in one request.
 * `metadata`: changes without writing the bytes again. `urls`: signed URLs. `tags`: tags that can be read and
 * changed alone. `sdk`: the vendor's own client.
 */
export type DriverGroup =
  'parts' | 'copy' | 'move' | 'bulkDelete' | 'metadata' | 'urls' | 'versions' | 'website' | 'cdn' | 'tags' | 'sdk';

/**
 * Everything that `storage.can` tells. Beside the groups: `publicUrls` and `signedForms`, `createOnly` (a put
 * that never overwrites) and `compareAndSwap` (a put over a known version only), `delimiter`, `startAfter` and `prefix` of
 * listings, `ranges` of reads, and `userMetadata`.
 */
export type Ability =
  | DriverGroup
  | 'publicUrls'
  | 'signedForms'
  | 'createOnly'
  | 'compareAndSwap'
  | 'delimiter'
  | 'startAfter'
  | 'prefix'
  | 'ranges'
  | 'userMetadata';

/**
 * `native`: the store does it. `emulated`: Stowage composes it from other calls, at the price of more requests or bytes. `absent`:
 * the call is refused.
 */
export type AbilityLevel = 'native' | 'emulated' | 'absent';

/** What a storage can do, as it was opened: under `emulate: 'never'` nothing is `emulated`. */
export type Can = Readonly<Record<Ability, AbilityLevel>>;

/** Narrows a storage to one whose driver has the group. */
export type DriverWith<A extends Ability> = StorageDriver &
  Required<{ readonly [G in A & DriverGroup]: NonNullable<StorageDriver[G]> }>;

/** Tells what a driver can do under a policy. */
export function abilitiesOf(driver: StorageDriver, policy: EmulationPolicy): Can {
  const { capabilities: facts } = driver;
  const { urls } = driver;
  const native = (has: boolean): AbilityLevel => (has ? 'native' : 'absent');
  const orEmulated = (has: boolean): AbilityLevel => {
    if (has) return 'native';
    return policy === 'never' ? 'absent' : 'emulated';
  };
  return Object.freeze({
    parts: native(driver.parts !== undefined),
    copy: orEmulated(driver.copy !== undefined),
    move: orEmulated(driver.move !== undefined),
    // Single deletes do the same job: there is nothing to warn of.
    bulkDelete: driver.bulkDelete ? 'native' : 'emulated',
    // Where nothing is kept beside the bytes, nothing of it can be changed.
    metadata: driver.metadata || facts.put.attributes.length > 0 ? orEmulated(driver.metadata !== undefined) : 'absent',
    urls: native(driver.urls !== undefined),
    publicUrls: native(urls?.publicUrl !== undefined),
    signedForms: native(urls?.signForm !== undefined),
    versions: native(driver.versions !== undefined),
    website: native(driver.website !== undefined),
    cdn: native(driver.cdn !== undefined),
    tags: native(driver.tags !== undefined),
    sdk: native(driver.sdk !== undefined),
    createOnly: native(facts.put.conditions.includes('ifNoneMatch')),
    compareAndSwap: native(facts.put.conditions.includes('ifMatch')),
    delimiter: orEmulated(facts.list.delimiter !== 'none'),
    startAfter: orEmulated(facts.list.startAfter),
    prefix: orEmulated(facts.list.prefix),
    ranges: native(facts.read.ranges),
    userMetadata: native(facts.metadata.names !== 'none'),
  });
}
