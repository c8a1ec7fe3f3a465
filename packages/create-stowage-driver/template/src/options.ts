import type { OptionsOf, OptionTable } from '@stowage/core/spi';

/** Every option of the driver: core refuses others, accepts snake_case, and never prints a value that is marked `secret`. */
export const pocketOptions = {
  pageSize: { type: 'number', about: 'Most objects in one page of a listing; default 1000.' },
} as const satisfies OptionTable;

export type PocketOptions = OptionsOf<typeof pocketOptions>;
