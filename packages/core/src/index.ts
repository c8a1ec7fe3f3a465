/** For users. Authors of drivers import `@stowage/core/spi`. */
export type { ErrorCode } from './errors/codes.js';
export { didYouMean, nearestNames } from './errors/nearest.js';
export { type ErrorFacts, isStorageError, StorageError } from './errors/storage-error.js';
export { type KnownProvider, knownProviders, packageForType } from './registry/known-providers.js';
export { readOptions, type ReadOptionsResult } from './registry/options.js';
export type { Preset } from './registry/preset.js';
export { type ResolvedDriver, resolveDriver, type ResolveOptions } from './registry/resolve.js';
export type { DriverModule } from './spi/module.js';
