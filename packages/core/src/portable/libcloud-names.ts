/**
 * Calls under Libcloud's names, in camelCase, for those who come from there: each is one call of the portable API by another name.
 * Libcloud's remaining names are those of the portable API itself.
 */
import type { CallOptions } from '../call/scope.js';
import type { DownloadOptions, DownloadResult, ObjectStream, StreamOptions } from '../transfer/download-options.js';
import { fileSource } from '../transfer/file-source.js';
import type { UploadSource } from '../transfer/source.js';
import type { Container } from './container.js';
import type { ObjectListing } from './listing.js';
import type { CdnOptions, DeleteOptions, ListOptions, PutOptions } from './options.js';
import type { StoredObject } from './stored-object.js';

/** Options of a read whose range is given by position. */
export type RangeStreamOptions = Omit<StreamOptions, 'range'>;
/** Options of a download whose range is given by position. */
export type RangeDownloadOptions = Omit<DownloadOptions, 'range'>;

/** `end` is exclusive, as in Libcloud. */
function rangeOf(start: number, end: number | undefined): { readonly start: number; readonly end?: number } {
  return end === undefined ? { start } : { start, end };
}

/** Libcloud's `Object`. */
export abstract class ObjectNames {
  abstract stream(options?: StreamOptions): Promise<ObjectStream>;
  abstract download(path: string | URL, options?: DownloadOptions): Promise<DownloadResult>;

  /** `stream`. */
  async asStream(options?: StreamOptions): Promise<ObjectStream> {
    return this.stream(options);
  }

  /** `download` with `range`; `endBytes` is exclusive. */
  async downloadRange(
    path: string | URL,
    startBytes: number,
    endBytes?: number,
    options?: RangeDownloadOptions,
  ): Promise<DownloadResult> {
    return this.download(path, { ...options, range: rangeOf(startBytes, endBytes) });
  }

  /** `stream` with `range`; `endBytes` is exclusive. */
  async rangeAsStream(startBytes: number, endBytes?: number, options?: RangeStreamOptions): Promise<ObjectStream> {
    return this.stream({ ...options, range: rangeOf(startBytes, endBytes) });
  }
}

/** Libcloud's `Container`. */
export abstract class ContainerNames {
  abstract put(key: string, source: UploadSource, options?: PutOptions): Promise<StoredObject>;

  /** `put` with `fileSource(filePath)`: uploads a file of this machine. */
  async uploadObject(filePath: string | URL, key: string, options?: PutOptions): Promise<StoredObject> {
    return this.put(key, fileSource(filePath), options);
  }

  /** `put`. */
  async uploadObjectViaStream(source: UploadSource, key: string, options?: PutOptions): Promise<StoredObject> {
    return this.put(key, source, options);
  }

  /** `object.download`. */
  async downloadObject(object: StoredObject, path: string | URL, options?: DownloadOptions): Promise<DownloadResult> {
    return object.download(path, options);
  }

  /** `object.stream`. */
  async downloadObjectAsStream(object: StoredObject, options?: StreamOptions): Promise<ObjectStream> {
    return object.stream(options);
  }

  /** `object.downloadRange`. */
  async downloadObjectRange(
    object: StoredObject,
    path: string | URL,
    startBytes: number,
    endBytes?: number,
    options?: RangeDownloadOptions,
  ): Promise<DownloadResult> {
    return object.downloadRange(path, startBytes, endBytes, options);
  }

  /** `object.rangeAsStream`. */
  async downloadObjectRangeAsStream(
    object: StoredObject,
    startBytes: number,
    endBytes?: number,
    options?: RangeStreamOptions,
  ): Promise<ObjectStream> {
    return object.rangeAsStream(startBytes, endBytes, options);
  }
}

/** Libcloud's `StorageDriver`, which has the calls of containers and objects too. */
export abstract class StorageNames {
  /** `container.iterateObjects`. */
  iterateContainerObjects(container: Container, options?: ListOptions): ObjectListing {
    return container.iterateObjects(options);
  }

  /** `container.listObjects`. */
  async listContainerObjects(container: Container, options?: ListOptions): Promise<StoredObject[]> {
    return container.listObjects(options);
  }

  /** `container.uploadObject`. */
  async uploadObject(
    filePath: string | URL,
    container: Container,
    key: string,
    options?: PutOptions,
  ): Promise<StoredObject> {
    return container.uploadObject(filePath, key, options);
  }

  /** `container.put`. */
  async uploadObjectViaStream(
    source: UploadSource,
    container: Container,
    key: string,
    options?: PutOptions,
  ): Promise<StoredObject> {
    return container.put(key, source, options);
  }

  /** `object.download`. */
  async downloadObject(object: StoredObject, path: string | URL, options?: DownloadOptions): Promise<DownloadResult> {
    return object.download(path, options);
  }

  /** `object.stream`. */
  async downloadObjectAsStream(object: StoredObject, options?: StreamOptions): Promise<ObjectStream> {
    return object.stream(options);
  }

  /** `object.downloadRange`. */
  async downloadObjectRange(
    object: StoredObject,
    path: string | URL,
    startBytes: number,
    endBytes?: number,
    options?: RangeDownloadOptions,
  ): Promise<DownloadResult> {
    return object.downloadRange(path, startBytes, endBytes, options);
  }

  /** `object.rangeAsStream`. */
  async downloadObjectRangeAsStream(
    object: StoredObject,
    startBytes: number,
    endBytes?: number,
    options?: RangeStreamOptions,
  ): Promise<ObjectStream> {
    return object.rangeAsStream(startBytes, endBytes, options);
  }

  /** `object.delete`. */
  async deleteObject(object: StoredObject, options?: DeleteOptions): Promise<void> {
    await object.delete(options);
  }

  /** `container.getCdnUrl`. */
  async getContainerCdnUrl(container: Container, options?: CallOptions): Promise<string> {
    return container.getCdnUrl(options);
  }

  /** `object.getCdnUrl`. */
  async getObjectCdnUrl(object: StoredObject, options?: CallOptions): Promise<string> {
    return object.getCdnUrl(options);
  }

  /** `container.enableCdn`. */
  async enableContainerCdn(container: Container, options?: CdnOptions): Promise<void> {
    await container.enableCdn(options);
  }

  /** `object.enableCdn`. */
  async enableObjectCdn(object: StoredObject, options?: CallOptions): Promise<void> {
    await object.enableCdn(options);
  }
}
