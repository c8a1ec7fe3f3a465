import type { CallOptions } from '../call/caller.js';
import { StorageError } from '../errors/storage-error.js';
import type { ObjectRef } from '../spi/records.js';
import type { ByteRange, BytesResult, ContentRange, ReadRequest, StreamResult } from '../spi/requests.js';
import { digestOf } from '../checksum/digest.js';
import type { ObjectStream, ReadBytes, ReadOptions, StreamOptions } from './download-options.js';
import { ProgressMeter } from './progress.js';
import { dropStream } from './resuming-read.js';
import { ResumingStream } from './resuming-stream.js';
import { bodySubject, type TransferContext } from './transfer-context.js';
import { checkRead, expectedDigest, verifiedBy, verifiedByLikely } from './verify.js';

export type {
  DownloadOptions,
  DownloadResult,
  ObjectStream,
  ReadBytes,
  ReadOptions,
  StreamOptions,
} from './download-options.js';

/**
 * Reads an object, or a range of it, into memory: one request. Throws `checksum-mismatch` when the digest of a whole object is not the
 * one that the store reports.
 */
export async function readBytes(
  from: TransferContext,
  ref: ObjectRef,
  options: ReadOptions,
  operation = 'bytes',
): Promise<ReadBytes> {
  const { caller, driver, host } = from;
  const target = versionOf(ref, options);
  const subject = bodySubject(operation, ref, false);
  const asked = readRequest(from, target, 'bytes', options, operation);
  const request = asked instanceof Promise ? await asked : asked;
  const { bytes, record, range } = await caller.run(subject, options, async (ctx) => {
    const result = (await driver.read(target, request, ctx)) as BytesResult;
    checkLength(result.bytes.length, result.range);
    return result;
  });
  try {
    checkAnswer(request.range, range);
    const expected = expectedDigest(record, range, options.verify);
    if (expected) checkRead(expected, digestOf(expected.algorithm, bytes));
    if (options.onProgress) new ProgressMeter(options.onProgress, bytes.length, host).finish(bytes.length);
    const verified = expected ? verifiedBy(expected) : verifiedByLikely(record, range, bytes, options.verify);
    return { bytes, record, range, verified };
  } catch (error) {
    throw caller.dress(error, subject);
  }
}

/**
 * Opens an object, or a range of it, as a stream. Rejects before there is a stream when the object is missing or a condition fails.
 * The stream takes a broken read up again where it broke, and fails with `precondition-failed` when the object is another one then.
 */
export async function openStream(
  from: TransferContext,
  ref: ObjectRef,
  options: StreamOptions,
  operation = 'stream',
): Promise<ObjectStream> {
  const { caller, driver, host } = from;
  checkChunkSize(options.chunkSize);
  const target = versionOf(ref, options);
  const shared = caller.share(options);
  try {
    const request = await readRequest(from, target, 'stream', { ...options, ...timeless(shared.options) }, operation);
    const subject = bodySubject(operation, ref, false);
    const result = await caller.run(subject, shared.options, (ctx) => driver.read(target, request, ctx));
    const { record, range, stream: first } = checkedStream(request.range, result as StreamResult);
    const expected = expectedDigest(record, range, options.verify);
    const meter = new ProgressMeter(options.onProgress, range.end - range.start, host);
    const { provider, chunkSize } = options;
    const { signal } = shared;
    const onClose = (): void => shared.end();
    return new ResumingStream({
      ...{ from, ref: target, operation, signal, provider, record, range },
      ...{ first, expected, meter, chunkSize, onClose },
    });
  } catch (error) {
    shared.end();
    throw caller.dress(error, bodySubject(operation, ref, false));
  }
}

function timeless({ signal }: CallOptions): CallOptions {
  return { signal, timeoutMs: undefined };
}

function checkChunkSize(chunkSize: number | undefined): void {
  if (chunkSize === undefined || (Number.isSafeInteger(chunkSize) && chunkSize > 0)) return;
  throw new StorageError('invalid-argument', '"chunkSize" must be a whole number of bytes above 0.');
}

/** The object that a read is about. */
export function versionOf(ref: ObjectRef, { versionId }: ReadOptions): ObjectRef {
  return versionId === undefined ? ref : { ...ref, versionId };
}

/** What the driver is asked for. A store that knows no suffix ranges is asked for the size first. */
export function readRequest(
  from: TransferContext,
  ref: ObjectRef,
  want: 'bytes' | 'stream',
  options: ReadOptions,
  operation: string,
): ReadRequest | Promise<ReadRequest> {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs, provider, range } = options;
  const request = { want, ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs, provider, range };
  const { ranges, suffixRanges } = from.driver.capabilities.read;
  if (range?.suffix === undefined || !ranges || suffixRanges) return request;
  return withoutSuffix(from, ref, { ...request, suffix: range.suffix }, options, operation);
}

async function withoutSuffix(
  { driver, caller }: TransferContext,
  ref: ObjectRef,
  { suffix, ...request }: ReadRequest & { readonly suffix: number },
  options: ReadOptions,
  operation: string,
): Promise<ReadRequest> {
  const { ifMatch, provider } = request;
  const { conditions } = driver.capabilities.read;
  const subject = bodySubject(operation, ref, false);
  const record = await caller.run(subject, options, (ctx) => driver.stat(ref, { provider }, ctx));
  const pin = conditions.includes('ifMatch') ? (ifMatch ?? record.etag) : ifMatch;
  const start = Math.max(0, record.size - suffix);
  return { ...request, ifMatch: pin, range: record.size === 0 ? undefined : { start, end: record.size } };
}

function checkLength(bytes: number, { start, end }: ContentRange): void {
  if (bytes === end - start) return;
  const message = `${bytes} bytes came, and ${end - start} were announced.`;
  throw new StorageError('unavailable', message);
}

/** As `checkAnswer`; a stream that is refused is dropped. */
export function checkedStream(asked: ByteRange | undefined, result: StreamResult): StreamResult {
  try {
    checkAnswer(asked, result.range);
    return result;
  } catch (error) {
    dropStream(result.stream);
    throw error;
  }
}

/** A store that answers with other bytes than it was asked for must not pass for one that answers. */
function checkAnswer(asked: ByteRange | undefined, got: ContentRange): void {
  if (asked?.start === undefined) return;
  if (got.start === asked.start && got.end <= (asked.end ?? Infinity)) return;
  const message = `Asked for bytes ${asked.start} to ${asked.end ?? 'the end'}, the store sent ${got.start} to ${got.end}.`;
  throw new StorageError('unknown', message);
}
