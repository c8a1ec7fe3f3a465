import { StorageError } from '../errors/storage-error.js';
import type { ObjectRef } from '../spi/records.js';
import { abortable } from './abortable.js';
import { sizeMismatch } from './body.js';
import { GrowingBuffer } from './part-buffers.js';
import { eachChunk, fillFrom, PartReader, type ReadPart } from './part-reader.js';
import { type PartsPlan, planUpload, type SpoolPlan } from './plan.js';
import { ProgressMeter } from './progress.js';
import { bytesOf, openSource, type Source, type UploadSource } from './source.js';
import { sourceFailure } from './stream-source.js';
import { bodySubject, type TransferContext } from './transfer-context.js';
import { type UploadOptions, type UploadResult } from './upload-options.js';
import { choosePartDigests, groupOf, uploadInParts } from './upload-parts.js';
import { putBytes, putStream } from './upload-single.js';
import { WholeDigests } from './whole-digest.js';

const OPERATION = 'put';
/** A file or stream up to this size is read into memory first: then it costs no stream, has a digest and can be sent again. */
const BUFFERED_BYTES = 8 * 1024 * 1024;

/**
 * Stores a body: in one put, or in parallel parts where it is large, of unknown length or larger than one put. Nothing is stored
 * when the source fails, has another size than it said or another digest than the caller gave; parts already sent are freed.
 * A stream is ended either way.
 */
export async function upload(
  to: TransferContext,
  ref: ObjectRef,
  source: UploadSource,
  options: UploadOptions = {},
): Promise<UploadResult> {
  try {
    const bytes = bytesOf(source);
    if (bytes && isSingle(to, bytes, options)) return await putBytes(to, ref, bytes, options);
    return await uploadSource(to, ref, await openSource(source, options.size), options);
  } catch (error) {
    throw to.caller.dress(error, bodySubject(OPERATION, ref, true));
  }
}

function isSingle(to: TransferContext, bytes: Buffer, options: UploadOptions): boolean {
  const { provider, driver } = to;
  const { size } = options;
  if (size !== undefined && size !== bytes.length) throw sizeMismatch(String(bytes.length), size);
  return planUpload({ provider, capabilities: driver.capabilities, size: bytes.length, options }).kind === 'single';
}

/** Stores what an opened source gives, and closes it. */
export async function uploadSource(
  to: TransferContext,
  ref: ObjectRef,
  source: Source,
  options: UploadOptions,
): Promise<UploadResult> {
  const shared = to.caller.share(options);
  let failure: unknown;
  try {
    return await send(to, ref, source, { ...options, signal: shared.signal, timeoutMs: undefined });
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    shared.end();
    await source.close(failure);
  }
}

async function send(
  to: TransferContext,
  ref: ObjectRef,
  source: Source,
  options: UploadOptions & { readonly signal: AbortSignal },
): Promise<UploadResult> {
  const { provider, driver } = to;
  const { size } = source;
  const plan = planUpload({ provider, capabilities: driver.capabilities, size, options });
  if (plan.kind === 'spool') return putBytes(to, ref, await spool(source, plan, options.signal), options);
  if (plan.kind === 'parts') return sendParts(to, ref, source, plan, options);
  if (size === undefined || size > BUFFERED_BYTES) return putStream(to, ref, source, options);
  return putBytes(to, ref, await readWhole(source, size, options.signal), options);
}

/** Parts, or one put when a stream of unknown length ends within its first part. */
async function sendParts(
  to: TransferContext,
  ref: ObjectRef,
  source: Source,
  plan: PartsPlan,
  options: UploadOptions & { readonly signal: AbortSignal },
): Promise<UploadResult> {
  const { driver, host } = to;
  const { size } = source;
  const digests = choosePartDigests(driver.capabilities, options);
  const whole = new WholeDigests(digests.whole, digests.part);
  const reader = new PartReader({ source, plan, size, partAlgorithm: digests.part, whole });
  const first = size === undefined ? await abortable(options.signal, reader.next()) : undefined;
  if (first?.last && first.body.bytes && first.size <= driver.capabilities.put.maxBytes) {
    return putBytes(to, ref, first.body.bytes, options, first.checksum);
  }
  const meter = new ProgressMeter(options.onProgress, size, host);
  const { signal } = options;
  const group = groupOf(driver);
  return uploadInParts({ to, ref, group, plan, reader: startingWith(first, reader), whole, options, signal, meter });
}

/** Gives a part that was read already, and then those of the reader. */
function startingWith(first: ReadPart | undefined, reader: PartReader): Pick<PartReader, 'next' | 'nextSize'> {
  if (!first) return reader;
  let waiting: ReadPart | undefined = first;
  return {
    get nextSize() {
      return waiting?.size ?? reader.nextSize;
    },
    next: async () => {
      const part = waiting;
      waiting = undefined;
      return part ?? reader.next();
    },
  };
}

/** Reads a source of known size into memory. Throws `invalid-argument` when it is of another size. */
async function readWhole(source: Source, size: number, signal: AbortSignal): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(size);
  const reading = source.fill ? source.fill(buffer, 0) : fillFrom(source.read(0), buffer);
  await abortable(signal, reading).catch((error: unknown) => Promise.reject(sourceFailure(error)));
  return buffer;
}

/** Reads a source of unknown size into memory, up to the plan's bound. */
async function spool(source: Source, { maxBytes, advice }: SpoolPlan, signal: AbortSignal): Promise<Buffer> {
  const buffer = new GrowingBuffer(undefined, maxBytes);
  const reading = eachChunk(source.read(0), (chunk) => {
    if (buffer.add(chunk)) throw new StorageError('unsupported', `More than ${maxBytes} bytes came. ${advice}`);
  });
  await abortable(signal, reading).catch((error: unknown) => Promise.reject(sourceFailure(error)));
  return buffer.bytes;
}
