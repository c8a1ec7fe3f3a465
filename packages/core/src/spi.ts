/** For authors of drivers. Users import `@stowage/core`. */
export { combineCrc, combineCrcs, type CrcAlgorithm, isCrcAlgorithm } from './checksum/combine.js';
export { createDigest, DIGEST_HEX_DIGITS, type Digest, digestOf, provideDigest } from './checksum/digest.js';
export { type ErrorCode, isRetryableCode } from './errors/codes.js';
export { type ErrorFacts, isStorageError, StorageError } from './errors/storage-error.js';
export { compareBytes } from './spi/byte-order.js';
export {
  checkReadable,
  checkWritable,
  type ComparedVersion,
  placeRange,
  preconditionFailed,
} from './spi/conditions.js';
export { pageOfContainers } from './spi/container-page.js';
export type {
  BulkDeleteCapabilities,
  Capabilities,
  CopyCapabilities,
  MoveCapabilities,
  PartsCapabilities,
  UrlsCapabilities,
} from './spi/capabilities.js';
export type { Checksum, ChecksumAlgorithm, Verification } from './spi/checksums.js';
export type { CallContext, DriverHost, NetworkSettings } from './spi/context.js';
export type { StorageDriver } from './spi/driver.js';
export { COPY_IN_PARTS } from './spi/groups.js';
export type {
  BulkDeleteGroup,
  CdnGroup,
  CopyGroup,
  MetadataGroup,
  MoveGroup,
  PartPage,
  PartRecord,
  PartResult,
  PartsGroup,
  SignedForm,
  SignedUrl,
  SignFormRequest,
  SignUrlRequest,
  TagsGroup,
  UploadPage,
  UploadRecord,
  UploadRef,
  UrlMethod,
  UrlsGroup,
  VersionsGroup,
  WebsiteGroup,
} from './spi/groups.js';
export { createHost } from './spi/host.js';
export { pageOfObjects } from './spi/object-page.js';
export { DRIVER_API, type DriverModule } from './spi/module.js';
export { type Abortable, type WatchList, watchSignal } from './spi/watch-list.js';
export type { OptionsOf, OptionSpec, OptionTable } from './spi/options.js';
export type {
  Checksums,
  ContainerPage,
  ContainerRecord,
  ContentHeaders,
  CopiedRecord,
  ListedRecord,
  ObjectPage,
  ObjectRecord,
  ObjectRef,
  UserMetadata,
  VersionPage,
  VersionRecord,
} from './spi/records.js';
export type {
  BulkDeleteResult,
  ByteRange,
  BytesResult,
  ContentRange,
  CopyRequest,
  CopyResult,
  CreateContainerRequest,
  DeleteRequest,
  DeleteResult,
  ListContainersRequest,
  ListRequest,
  ProviderOptions,
  PutAttributes,
  PutBody,
  PutRequest,
  PutResult,
  ReadConditions,
  ReadRequest,
  ReadResult,
  StatRequest,
  StreamResult,
  WriteConditions,
} from './spi/requests.js';
