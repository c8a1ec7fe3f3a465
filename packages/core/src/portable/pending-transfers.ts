/** Stands in for calls of `transfer/` that are being written. */
import type { CallOptions } from '../call/scope.js';
import { StorageError } from '../errors/storage-error.js';
import type { ObjectRef } from '../spi/records.js';
import type { UploadSource } from '../transfer/source.js';
import type { TransferContext } from '../transfer/transfer-context.js';
import type { UploadOptions, UploadResult } from '../transfer/upload-options.js';

function pending(): never {
  throw new StorageError('unsupported', 'This call is being written.');
}

export interface ResumableUpload {
  readonly token: string;
  send(source: UploadSource, options?: CallOptions): Promise<UploadResult>;
  abort(options?: CallOptions): Promise<void>;
}

export async function createUpload(
  _to: TransferContext,
  _ref: ObjectRef,
  _options: UploadOptions,
): Promise<ResumableUpload> {
  return pending();
}

export async function resumeUpload(
  _to: TransferContext,
  _container: string,
  _token: string,
  _options: CallOptions,
): Promise<ResumableUpload> {
  return pending();
}
