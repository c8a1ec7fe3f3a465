export {
  DjangoError,
  type DjangoErrorName,
  FileNotFoundError,
  ImproperlyConfigured,
  isDjangoError,
  NotImplementedError,
  SuspiciousFileOperation,
  UnsupportedOperation,
  ValueError,
} from './errors.js';
export { ContentFile } from './files/content-file.js';
export {
  type DataOf,
  File,
  type FileMode,
  type FileOptions,
  type ReadMode,
  type Whence,
  type WriteMode,
} from './files/file.js';
export type { ByteSource, FileContent } from './files/source.js';
export { StoredFile, type StoredFileOptions } from './files/stored-file.js';
export { cleanName, filepathToUri, getValidFilename, validateFileName } from './names/file-name.js';
export type { ConfigureOptions } from './settings/configuration.js';
export { configure, overrideSettings, settings, type SettingsOverride } from './settings/configured.js';
export type { Environment, EnvironmentReference } from './settings/environment.js';
export { type Security, security } from './settings/security.js';
export type { ProviderSettings, Settings, StorageAlias, StorageBackend, Text } from './settings/settings.js';
export { defaultStorage } from './storage/default-storage.js';
export {
  type Deconstruction,
  LibCloudStorage,
  type LibCloudStorageOptions,
  type NameOptions,
  type OpenFileOptions,
  type SaveOptions,
  type UrlOptions,
} from './storage/libcloud-storage.js';
export type { SaveAttributes } from './storage/save.js';
export { createStorages, Storages } from './storage/storages.js';
