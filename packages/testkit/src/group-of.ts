import assert from 'node:assert/strict';
import type { StorageDriver } from '@stowage/core/spi';

/** Names of the optional groups of a driver. */
export const GROUP_NAMES = [
  'parts',
  'copy',
  'move',
  'bulkDelete',
  'metadata',
  'tags',
  'urls',
  'versions',
  'website',
  'cdn',
] as const;

export type GroupName = (typeof GROUP_NAMES)[number];

/** A group that the driver is known to have. */
export function groupOf<G extends GroupName>(driver: StorageDriver, name: G): NonNullable<StorageDriver[G]> {
  const group = driver[name];
  assert.ok(group, `the driver has no group "${name}"`);
  return group;
}
