import type { CallOptions } from '../call/caller.js';
import type { Checksum, Verification } from '../spi/checksums.js';
import type { ObjectRecord } from '../spi/records.js';
import type { ProviderOptions, PutAttributes, PutRequest, WriteConditions } from '../spi/requests.js';
import type { TransferTuning } from './plan.js';
import type { ProgressListener } from './progress.js';
import type { VerifyMode } from './verify.js';

/** What every upload takes beside its source. */
export interface UploadOptions extends CallOptions, PutAttributes, WriteConditions, TransferTuning {
  readonly provider?: ProviderOptions | undefined;
  /** Digest that the body must have; the upload fails with `checksum-mismatch`, and stores nothing, when it has another. */
  readonly checksum?: Checksum | undefined;
  /** Bytes of a stream, where they are known. A body of any other length fails the upload, and nothing is stored. */
  readonly size?: number | undefined;
  /**
   * Bytes up to which a stream of unknown length may be held in memory where the store must know the size first. Default: none,
   * and such an upload is refused; where the store has parts, a stream that ends within the first part is sent anyway.
   */
  readonly spoolBytes?: number | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly verify?: VerifyMode | undefined;
}

export interface UploadResult {
  readonly record: ObjectRecord;
  /** How far the stored object was checked against what was sent. */
  readonly verified: Verification;
}

/** What the driver is told of an upload. */
export function putRequest(options: UploadOptions, checksum: Checksum | undefined): PutRequest {
  return {
    contentType: options.contentType,
    contentEncoding: options.contentEncoding,
    contentDisposition: options.contentDisposition,
    contentLanguage: options.contentLanguage,
    cacheControl: options.cacheControl,
    metadata: options.metadata,
    storageClass: options.storageClass,
    tags: options.tags,
    acl: options.acl,
    ifMatch: options.ifMatch,
    ifNoneMatch: options.ifNoneMatch,
    provider: options.provider,
    checksum,
  };
}
