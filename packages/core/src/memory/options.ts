import type { OptionsOf, OptionTable } from '../spi/options.js';

/** Every option of the memory driver. */
export const memoryOptions = {
  pageSize: {
    type: 'number',
    about: 'Most objects in one page of a listing; default 1000. A small one shows that a program reads every page.',
  },
  baseUrl: {
    type: 'string',
    about: 'Where `handle` is served, the start of every URL; default http://memory.localhost.',
  },
  signingKey: {
    type: 'string',
    about: 'Key of the signatures in URLs; default 32 random bytes, so that URLs end with the process.',
    secret: true,
  },
} as const satisfies OptionTable;

export type MemoryOptions = OptionsOf<typeof memoryOptions>;
