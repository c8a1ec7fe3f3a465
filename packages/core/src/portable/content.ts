import { lookup } from 'mrmime';
import { checkOptions } from '../call/option-checks.js';
import type { ObjectRef } from '../spi/records.js';
import { openStream as openObjectStream, readBytes as readObjectBytes } from '../transfer/download.js';
import { downloadFile } from '../transfer/download-file.js';
import type {
  DownloadOptions,
  DownloadResult,
  ObjectStream,
  ReadBytes,
  ReadOptions,
  StreamOptions,
} from '../transfer/download-options.js';
import { isFileSource } from '../transfer/file-source.js';
import { createUpload, type ResumableUpload, type ResumeOptions, resumeUpload } from '../transfer/resumable.js';
import type { UploadSource } from '../transfer/source.js';
import { upload } from '../transfer/upload.js';
import {
  DOWNLOAD_CHECKS,
  NO_OPTIONS,
  PUT_CHECKS,
  type PutOptions,
  READ_CHECKS,
  RESUME_CHECKS,
  STREAM_CHECKS,
} from './options.js';
import { need, type Session } from './session.js';
import type { ObjectFacts } from './stored-object.js';

const UNKNOWN_TYPE = 'application/octet-stream';

/** Writes one object; its content type is told by the source or the key unless the caller names it. Throws what `options` are not. */
export function putContent(
  session: Session,
  ref: ObjectRef,
  source: UploadSource,
  options: PutOptions,
): Promise<ObjectFacts> {
  checkPut(session, 'put', options);
  return upload(session, ref, source, withContentType(session, ref.key, source, options));
}

function checkPut(session: Session, operation: string, options: PutOptions): void {
  if (options === NO_OPTIONS) return;
  checkOptions(operation, options, PUT_CHECKS);
  session.validator.put(operation, options);
}

function withContentType(
  session: Session,
  key: string,
  source: UploadSource | undefined,
  options: PutOptions,
): PutOptions {
  if (options.contentType !== undefined || !session.driver.capabilities.put.attributes.includes('contentType')) {
    return options;
  }
  const contentType = typeOfSource(source) ?? lookup(key) ?? typeOfFile(source) ?? UNKNOWN_TYPE;
  return options === NO_OPTIONS ? { contentType } : { ...options, contentType };
}

/** A Blob knows its own type; an empty one says nothing. */
function typeOfSource(source: UploadSource | undefined): string | undefined {
  return source instanceof Blob && source.type !== '' ? source.type : undefined;
}

function typeOfFile(source: UploadSource | undefined): string | undefined {
  return isFileSource(source) ? lookup(source.path) : undefined;
}

/** Begins an upload that can be resumed. */
export async function beginUpload(session: Session, ref: ObjectRef, options: PutOptions): Promise<ResumableUpload> {
  const operation = 'createUpload';
  need(session, session.driver.parts, operation, 'uploads in parts');
  checkPut(session, operation, options);
  session.validator.parts(operation, options);
  return createUpload(session, ref, withContentType(session, ref.key, undefined, options));
}

/** Finds an upload again by its token. */
export async function goOnWithUpload(
  session: Session,
  container: string,
  token: string,
  options: ResumeOptions,
): Promise<ResumableUpload> {
  const operation = 'resumeUpload';
  need(session, session.driver.parts, operation, 'uploads in parts');
  if (options !== NO_OPTIONS) checkOptions(operation, options, RESUME_CHECKS);
  return resumeUpload(session, container, token, options);
}

/** Checks what a read wants; refuses conditions, ranges and versions that the store does not have. */
function checkRead(
  session: Session,
  operation: string,
  ref: ObjectRef,
  options: ReadOptions,
  checks: Parameters<typeof checkOptions>[2],
): void {
  const { validator, driver } = session;
  if (options !== NO_OPTIONS) {
    checkOptions(operation, options, checks);
    validator.read(operation, options);
  }
  if (ref.versionId !== undefined || options.versionId !== undefined) {
    need(session, driver.versions, operation, 'versions');
  }
}

/** Reads an object or a range of it into memory. Throws what `options` are not. */
export function readBytes(
  session: Session,
  ref: ObjectRef,
  options: ReadOptions,
  operation: string,
): Promise<ReadBytes> {
  checkRead(session, operation, ref, options, READ_CHECKS);
  return readObjectBytes(session, ref, options, operation);
}

/** Opens a stream of an object or a range of it. */
export async function openStream(
  session: Session,
  ref: ObjectRef,
  options: StreamOptions,
  operation: string,
): Promise<ObjectStream> {
  checkRead(session, operation, ref, options, STREAM_CHECKS);
  return openObjectStream(session, ref, options, operation);
}

/** Downloads an object or a range of it into a file. */
export async function readToFile(
  session: Session,
  ref: ObjectRef,
  path: string | URL,
  options: DownloadOptions,
): Promise<DownloadResult> {
  checkRead(session, 'download', ref, options, DOWNLOAD_CHECKS);
  return downloadFile(session, ref, path, options);
}
