import { packageConfig } from '../../tsup.base.js';

/** A command: nothing is imported from it, so that it has no declarations. */
export default packageConfig({ entry: ['src/bin.ts'], dts: false });
