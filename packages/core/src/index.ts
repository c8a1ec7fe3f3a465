/** For users. Authors of drivers import `@stowage/core/spi`. */
export type { CallOptions, RetryOptions } from './call/caller.js';
export { createDigest, type Digest, digestOf } from './checksum/digest.js';
export type { ErrorCode } from './errors/codes.js';
export { didYouMean, nearestNames } from './errors/nearest.js';
export { type ErrorFacts, isStorageError, StorageError } from './errors/storage-error.js';
export type { Ability, AbilityLevel, Can, DriverGroup, DriverWith } from './portable/abilities.js';
export type { Container, KeysToDelete } from './portable/container.js';
export type { DeleteManyResult } from './portable/delete-objects.js';
export type { EmulationPolicy } from './portable/emulation.js';
export type { ListedPage, ObjectListing } from './portable/listing.js';
export {
  type OpenOptions,
  openStorage,
  type OverOptions,
  storageOver,
  type StorageSettings,
} from './portable/open-storage.js';
export type {
  CdnOptions,
  CopyOptions,
  CreateContainerOptions,
  DeleteManyOptions,
  DeleteOptions,
  ListContainersOptions,
  ListOptions,
  ListPageOptions,
  ListUploadsOptions,
  PutOptions,
  SignedFormOptions,
  SignedUrlOptions,
  StatOptions,
  SweepUploadsOptions,
  UpdateMetadataOptions,
  WebsiteOptions,
} from './portable/options.js';
export type { Storage, StorageWith } from './portable/storage.js';
export type { CopyTarget, StoredObject } from './portable/stored-object.js';
export type { PendingUpload } from './portable/uploads.js';
export type { StoredVersion } from './portable/versions.js';
export { type KnownProvider, knownProviders, packageForType } from './registry/known-providers.js';
export type { InstalledPackage } from './registry/load-driver.js';
export { readOptions, type ReadOptionsResult } from './registry/options.js';
export type { Preset } from './registry/preset.js';
export { type ResolvedDriver, resolveDriver, type ResolveOptions } from './registry/resolve.js';
export type { Capabilities, CopyCapabilities, PartsCapabilities, UrlsCapabilities } from './spi/capabilities.js';
export type { Checksum, ChecksumAlgorithm, Verification } from './spi/checksums.js';
export type { DriverHost, NetworkSettings } from './spi/context.js';
export type { StorageDriver } from './spi/driver.js';
export type { SignedForm, SignedUrl, UrlMethod } from './spi/groups.js';
export type { DriverModule } from './spi/module.js';
export type {
  Checksums,
  ContainerRecord,
  ContentHeaders,
  CopiedRecord,
  ListedRecord,
  ObjectRecord,
  ObjectRef,
  UserMetadata,
  VersionRecord,
} from './spi/records.js';
export type {
  ByteRange,
  ContentRange,
  ProviderOptions,
  PutAttributes,
  ReadConditions,
  WriteConditions,
} from './spi/requests.js';
export type {
  DownloadOptions,
  DownloadResult,
  ObjectStream,
  ReadOptions,
  StreamOptions,
} from './transfer/download-options.js';
export { type FileSource, fileSource } from './transfer/file-source.js';
export type { TransferTuning } from './transfer/plan.js';
export type { Progress, ProgressListener } from './transfer/progress.js';
export type { ResumableUpload, ResumeOptions, SendOptions } from './transfer/resumable.js';
export type { UploadSource } from './transfer/source.js';
export type { VerifyMode } from './transfer/verify.js';
