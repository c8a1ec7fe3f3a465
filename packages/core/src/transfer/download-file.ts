import { reasonOf } from '../call/scope.js';
import { createDigest } from '../checksum/digest.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { Checksum } from '../spi/checksums.js';
import type { ObjectRef } from '../spi/records.js';
import type { ReadRequest, StreamResult } from '../spi/requests.js';
import { type Destination, findDestination, makeFolders } from './destination.js';
import { checkedStream, readRequest, versionOf } from './download.js';
import type { DownloadOptions, DownloadResult } from './download-options.js';
import { PieceDigests, PieceQueue } from './download-pieces.js';
import { FileReceiver } from './file-receiver.js';
import { PartialFile } from './partial-file.js';
import { planDownload } from './plan.js';
import { ProgressMeter } from './progress.js';
import { dropStream } from './resuming-read.js';
import { bodySubject, type TransferContext } from './transfer-context.js';
import { checkRead, expectedDigest, verifiedBy } from './verify.js';

const OPERATION = 'download';
/** How often a download begins anew because the object was replaced meanwhile. */
const MAX_RESTARTS = 2;

/** One download, from the first request to the file that is there. */
interface DownloadJob {
  readonly from: TransferContext;
  readonly ref: ObjectRef;
  readonly options: DownloadOptions;
  readonly destination: Destination;
  readonly signal: AbortSignal;
  readonly meter: ProgressMeter;
}

/**
 * Writes an object, or a range of it, to a file: by parallel ranges where the store can read them of one version. The file is written
 * under a temporary name and appears whole, checked, or not at all. Broken reads are taken up where they broke. When the object is
 * replaced meanwhile, the download begins anew, unless `ifMatch` or `versionId` names the version that was wanted.
 */
export async function downloadFile(
  from: TransferContext,
  ref: ObjectRef,
  path: string | URL,
  options: DownloadOptions,
): Promise<DownloadResult> {
  const target = versionOf(ref, options);
  const shared = from.caller.share(options);
  try {
    planDownload({ start: 0, end: 0 }, options);
    const destination = await findDestination(path, ref.key, options.overwrite ?? false);
    const meter = new ProgressMeter(options.onProgress, undefined, from.host);
    return await untilUnchanged({ from, ref: target, options, destination, signal: shared.signal, meter });
  } catch (error) {
    throw from.caller.dress(error, bodySubject(OPERATION, ref, false));
  } finally {
    shared.end();
  }
}

async function untilUnchanged(job: DownloadJob): Promise<DownloadResult> {
  const pinned = job.options.ifMatch !== undefined || job.ref.versionId !== undefined;
  for (let restarts = 0; ; restarts++) {
    const attempt: Attempt = { started: false };
    try {
      return await downloadOnce(job, attempt);
    } catch (error) {
      const changed = attempt.started && isStorageError(error, 'precondition-failed') && !attempt.written;
      if (!changed || pinned || restarts === MAX_RESTARTS) throw error;
    }
  }
}

/** How far one attempt came. */
interface Attempt {
  /** The first answer is there. */
  started: boolean;
  /** All bytes are there, and only the name is missing. */
  written?: boolean;
}

async function downloadOnce(job: DownloadJob, attempt: Attempt): Promise<DownloadResult> {
  const { from, ref, options, signal, destination } = job;
  const request = await readRequest(from, ref, 'stream', { ...options, signal, timeoutMs: undefined }, OPERATION);
  const first = await openFirst(job, request);
  attempt.started = true;
  const { record, range } = first;
  const expected = expectedDigest(record, range, options.verify);
  const size = range.end - range.start;
  let file: PartialFile;
  try {
    await makeFolders(destination);
    file = await PartialFile.create(destination.path, size, from.host);
  } catch (error) {
    dropStream(first.stream);
    throw error;
  }
  try {
    await receive(job, first, file, expected);
    attempt.written = true;
    await file.commit({ overwrite: options.overwrite ?? false, fsync: options.fsync ?? false });
  } catch (error) {
    throw await endFailed(job, file, error);
  }
  job.meter.finish(size);
  return { path: destination.path, size, record, range, verified: verifiedBy(expected) };
}

async function openFirst({ from, ref, signal }: DownloadJob, request: ReadRequest): Promise<StreamResult> {
  const { caller, driver } = from;
  const result = await caller.run(bodySubject(OPERATION, ref, false), { signal }, (ctx) =>
    driver.read(ref, request, ctx),
  );
  return checkedStream(request.range, result as StreamResult);
}

/** Fills the file and checks it. */
async function receive(
  { from, ref, options, signal, meter }: DownloadJob,
  first: StreamResult,
  file: PartialFile,
  expected: Checksum | undefined,
): Promise<void> {
  const { record, range, stream } = first;
  const plan = planDownload(range, canReadInParallel(from, ref, first) ? options : { ...options, concurrency: 1 });
  const digests = new PieceDigests(expected);
  const read = { from, ref, operation: OPERATION, provider: options.provider, record, range };
  const receiver = new FileReceiver({ read, plan, file, digests, meter, queue: new PieceQueue(plan) });
  meter.expect(range.end - range.start);
  await receiver.run(stream, signal);
  if (!expected) return;
  checkRead(expected, digests.whole() ?? (await digestInOrder(file, expected, signal)));
}

/** Ranges of one download must be of one version: the store is told which, or names it by a version of its own. */
function canReadInParallel({ driver }: TransferContext, ref: ObjectRef, { record }: StreamResult): boolean {
  const { ranges, conditions } = driver.capabilities.read;
  const isPinned = record.etag !== undefined && conditions.includes('ifMatch');
  return ranges && (isPinned || ref.versionId !== undefined || (record.versionId !== undefined && !!driver.versions));
}

/** Digests the file in its order, from the memory of the operating system as a rule. */
async function digestInOrder(file: PartialFile, { algorithm }: Checksum, signal: AbortSignal): Promise<string> {
  const digest = createDigest(algorithm);
  for await (const chunk of file.readBack()) {
    if (signal.aborted) throw reasonOf(signal);
    digest.update(chunk);
  }
  return digest.hex();
}

/** Removes the partial file, or says where it was left. */
async function endFailed({ options, ref, from }: DownloadJob, file: PartialFile, error: unknown): Promise<unknown> {
  if (options.cleanUp ?? true) {
    await file.discard();
    return error;
  }
  await file.keep();
  const { code, message, status, requestId, retryable, cause } = from.caller.dress(
    error,
    bodySubject(OPERATION, ref, false),
  );
  const text = `${message} What came was kept as ${file.path}.`;
  return new StorageError(code, text, { status, requestId, retryable, cause: cause ?? error });
}
