import type { CallOptions } from '../call/caller.js';
import { StorageError } from '../errors/storage-error.js';
import type { ObjectRef } from '../spi/records.js';
import type { CopyRequest, StreamResult } from '../spi/requests.js';
import { carryAttributes, refuseLoss } from './copy-attributes.js';
import type { TransferTuning } from './plan.js';
import type { ProgressListener } from './progress.js';
import { ResumingChunks } from './resuming-chunks.js';
import { dropStream, ResumingRead } from './resuming-read.js';
import type { ChunkReader, Source } from './source.js';
import { bodySubject, type TransferContext } from './transfer-context.js';
import type { UploadOptions, UploadResult } from './upload-options.js';
import { uploadSource } from './upload.js';
import { expectedDigest } from './verify.js';

const OPERATION = 'copyTo';

export interface CopyThroughOptions extends CallOptions, TransferTuning {
  /** What happens to attributes that the target cannot hold: `refuse` the copy, or leave them and `report` it. Default `refuse`. */
  readonly lossy?: 'refuse' | 'report' | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

export interface CopyThroughResult extends UploadResult {
  /** Attributes of the source that the target does not hold; empty unless losses were to be reported. */
  readonly lost: readonly string[];
}

/**
 * Copies an object between any two storages, or inside one that has no copy call, by reading it and writing it again. Memory stays
 * bounded. The version that was begun is the one that is copied; what is written is compared with the digest that the source's store
 * reports, and nothing is stored when it differs.
 */
export async function copyThroughClient(
  from: TransferContext,
  fromRef: ObjectRef,
  to: TransferContext,
  toRef: ObjectRef,
  request: CopyRequest,
  options: CopyThroughOptions = {},
): Promise<CopyThroughResult> {
  const shared = from.caller.share(options);
  const subject = bodySubject(OPERATION, fromRef, false);
  try {
    const first = await openVersion(from, fromRef, request, shared.signal);
    const { record, range } = first;
    const expected = expectedDigest(record, range, 'auto');
    const carried = carry(to, request, first, options);
    const source = new RemoteSource(from, fromRef, first, shared.signal);
    const upload: UploadOptions = {
      ...carried.attributes,
      ...{ ifMatch: request.ifMatch, ifNoneMatch: request.ifNoneMatch, provider: request.provider },
      ...{ partSize: options.partSize, concurrency: options.concurrency, onProgress: options.onProgress },
      ...{ signal: shared.signal, checksum: expected },
    };
    try {
      const result = await uploadSource(to, toRef, source, upload);
      return { record: result.record, verified: expected ? result.verified : 'size', lost: carried.lost };
    } catch (error) {
      // The store that was read failed, whatever that made of the store that was written.
      throw source.failure ?? to.caller.dress(error, bodySubject(OPERATION, toRef, true));
    }
  } catch (error) {
    throw from.caller.dress(error, subject);
  } finally {
    shared.end();
  }
}

async function openVersion(
  { caller, driver }: TransferContext,
  ref: ObjectRef,
  { sourceIfMatch }: CopyRequest,
  signal: AbortSignal,
): Promise<StreamResult> {
  const ifMatch = driver.capabilities.read.conditions.includes('ifMatch') ? sourceIfMatch : undefined;
  const result = (await caller.run(bodySubject(OPERATION, ref, false), { signal }, (ctx) =>
    driver.read(ref, { want: 'stream', ifMatch }, ctx),
  )) as StreamResult;
  if (sourceIfMatch === undefined || sourceIfMatch === '*' || result.record.etag === sourceIfMatch) return result;
  dropStream(result.stream);
  const message = `Object "${ref.key}" is not the version that "sourceIfMatch" names; nothing was copied.`;
  throw new StorageError('precondition-failed', message);
}

function carry(
  to: TransferContext,
  { attributes }: CopyRequest,
  { record, stream }: StreamResult,
  { lossy }: CopyThroughOptions,
): ReturnType<typeof carryAttributes> {
  if (attributes) return { attributes, lost: [] };
  try {
    const carried = carryAttributes(record, to.driver.capabilities);
    if (lossy !== 'report') refuseLoss(carried.lost, to.provider);
    return carried;
  } catch (error) {
    dropStream(stream);
    throw error;
  }
}

/** An object of a store as the source of an upload. It is read once, and takes up broken reads itself. */
class RemoteSource implements Source {
  readonly size: number;
  readonly replayable = false;
  /** Why reading failed; undefined when it did not. */
  failure: StorageError | undefined;
  readonly #chunks: ResumingChunks;
  readonly #reader: ChunkReader;

  constructor(from: TransferContext, ref: ObjectRef, first: StreamResult, signal: AbortSignal) {
    const { record, range } = first;
    this.size = range.end - range.start;
    const read = new ResumingRead({ from, ref, operation: OPERATION, signal, record, range });
    this.#chunks = new ResumingChunks(first.stream, read, signal);
    const next = async (): Promise<Buffer | undefined> => {
      try {
        return await this.#chunks.next();
      } catch (error) {
        this.failure ??= from.caller.dress(error, bodySubject(OPERATION, ref, false));
        throw this.failure;
      }
    };
    this.#reader = { next, close: () => this.#chunks.close() };
  }

  read(): ChunkReader {
    return this.#reader;
  }

  async close(): Promise<void> {
    await this.#chunks.close();
  }
}
