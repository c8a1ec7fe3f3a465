import { createHash } from 'node:crypto';
import { type ObjectRef, StorageError, type UploadRef } from '@stowage/core/spi';

/** Where the marks of uploads under way lie in a segments container. */
export const PENDING = '.stowage-uploads/';
/** What marks them among other objects of the same container. */
export const PENDING_TYPE = 'application/vnd.stowage.upload+json';
/** Ends the name of the container that has the segments of another one's objects, as with other Swift clients. */
export const SEGMENTS_SUFFIX = '_segments';
const ID = /^[0-9a-f]{24}$/;
/** Longer keys are cut, so that what is written behind them still fits into a name. */
const MAX_KEPT_BYTES = 880;

/** Where an upload's segments and its mark are: as it was begun, maybe by a process with other options. */
export interface UploadPlace {
  readonly container: string;
  /** Names begin with the key; in a container for segments of many containers, with the container and the key. */
  readonly base: string;
}

export function placeOf({ ref, state }: UploadRef): UploadPlace {
  const container = state?.['segments'] ?? ref.container + SEGMENTS_SUFFIX;
  return { container, base: baseOf(ref, container) };
}

/** What names of a key's segments and marks begin with. */
export function baseOf({ container, key }: ObjectRef, segmentsContainer: string): string {
  return segmentsContainer === container + SEGMENTS_SUFFIX ? key : `${container}/${key}`;
}

/** The mark of an upload: it is there as long as the upload is. Its body says whose it is. */
export function markOf(upload: UploadRef): ObjectRef {
  const { container, base } = placeOf(upload);
  checkId(upload.uploadId);
  return { container, key: `${PENDING}${shortened(base)}/${upload.uploadId}` };
}

/** Begins the names of an upload's segments; readable beside those of other Swift clients. */
export function segmentPrefix(upload: UploadRef): string {
  checkId(upload.uploadId);
  return `${shortened(placeOf(upload).base)}/slo/${upload.uploadId}/`;
}

/** A segment: names sort as numbers do. */
export function segmentOf(upload: UploadRef, number: number): ObjectRef {
  return { container: placeOf(upload).container, key: segmentPrefix(upload) + String(number).padStart(8, '0') };
}

/** Ids come back from tokens, which are a stranger's input. */
function checkId(uploadId: string): void {
  if (ID.test(uploadId)) return;
  throw new StorageError('upload-not-found', 'The upload was not begun by this driver.', { requestSent: false });
}

/** The upload that a row of marks tells of; `isCut` when its name must be read from the mark's body. */
export function readMark(
  name: string,
): { readonly base: string; readonly uploadId: string; readonly isCut: boolean } | undefined {
  const slash = name.lastIndexOf('/');
  const [base, uploadId] = [name.slice(PENDING.length, slash), name.slice(slash + 1)];
  if (!name.startsWith(PENDING) || slash < PENDING.length || !ID.test(uploadId)) return undefined;
  return { base, uploadId, isCut: /\/~[0-9a-f]{64}$/.test(base) };
}

/** A key that would be too long with more behind it is cut, and told apart by its digest. */
function shortened(key: string): string {
  if (Buffer.byteLength(key) <= MAX_KEPT_BYTES) return key;
  const digest = createHash('sha256').update(key).digest('hex');
  return `${cutAt(key, MAX_KEPT_BYTES - 66)}/~${digest}`;
}

/** The longest beginning of a text that has at most so many bytes of UTF-8. */
export function cutAt(text: string, bytes: number): string {
  let end = Buffer.from(text).subarray(0, bytes);
  // No character is cut in two.
  while (end.length > 0 && !text.startsWith(end.toString())) end = end.subarray(0, -1);
  return end.toString();
}
