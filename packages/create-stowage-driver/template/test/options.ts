import type { PocketOptions } from '../src/options.js';

/** With these the tests open the driver. Pages are small, so that listings have several. */
export const options: PocketOptions = { pageSize: 5 };
