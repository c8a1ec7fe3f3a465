import type { CallSubject, Reconcile } from '../call/caller.js';
import { isCrcAlgorithm } from '../checksum/combine.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { Capabilities } from '../spi/capabilities.js';
import type { Checksum, ChecksumAlgorithm, Verification } from '../spi/checksums.js';
import type { CallContext } from '../spi/context.js';
import type { StorageDriver } from '../spi/driver.js';
import type { PartRecord, PartResult, PartsGroup, UploadRef } from '../spi/groups.js';
import type { Checksums, ObjectRef } from '../spi/records.js';
import type { PutResult } from '../spi/requests.js';
import { pumpParts } from './part-pump.js';
import type { PartReader, ReadPart } from './part-reader.js';
import { type PartsPlan, uploadBudget } from './plan.js';
import type { ProgressMeter } from './progress.js';
import { bodySubject, type TransferContext } from './transfer-context.js';
import { putRequest, type UploadOptions, type UploadResult } from './upload-options.js';
import { settle, withCleanUpError } from './upload-settle.js';
import { checkGiven, type SentBody } from './verify.js';
import type { WholeDigests } from './whole-digest.js';

const OPERATION = 'put';
const CLEAN_UP_MS = 30_000;

/** Which digests an upload in parts computes. */
export interface PartDigests {
  /** Of each part, sent with it. */
  readonly part: ChecksumAlgorithm | undefined;
  /** Of the whole body. */
  readonly whole: readonly ChecksumAlgorithm[];
}

/** Chooses digests so that every byte is compared by somebody, at the least cost. */
export function choosePartDigests(capabilities: Capabilities, options: UploadOptions): PartDigests {
  const { checksum, verify } = options;
  const given = checksum ? [checksum.algorithm] : [];
  if (verify === 'never') return { part: undefined, whole: given };
  const compared = capabilities.parts?.upload ?? [];
  const reported = capabilities.checksums.reported;
  const part = checksum && compared.includes(checksum.algorithm) ? checksum.algorithm : compared[0];
  if (part && isCrcAlgorithm(part)) return { part, whole: [...given, part] };
  const wanted = capabilities.parts?.whole;
  const own = part === undefined ? [wanted ?? reported[0]] : [wanted];
  return { part, whole: [...given, ...own.filter((algorithm) => algorithm !== undefined)] };
}

/** An upload in parts that is under way. */
export interface PartsJob {
  readonly to: TransferContext;
  readonly ref: ObjectRef;
  readonly group: PartsGroup;
  readonly plan: PartsPlan;
  readonly reader: Pick<PartReader, 'nextSize' | 'next'>;
  readonly whole: WholeDigests;
  readonly options: UploadOptions;
  readonly signal: AbortSignal;
  readonly meter: ProgressMeter;
}

/** Begins an upload, sends all parts and completes it. Frees the parts when anything fails before the object is there. */
export async function uploadInParts(job: PartsJob): Promise<UploadResult> {
  const { to, ref, group, options, signal } = job;
  const subject = subjectOf(ref);
  const request = putRequest(options, undefined);
  const upload = await to.caller.run(subject, { signal }, (ctx) => group.begin(ref, request, ctx));
  let completed: CompletedUpload;
  try {
    completed = await completeUpload(job, upload, await sendParts(job, upload));
  } catch (error) {
    throw await abandonUpload(to, upload, to.caller.dress(error, subject));
  }
  return settleParts(to, ref, completed);
}

/** Sends what the job's reader gives, in parallel as far as the plan says. Gives the parts in the order in which they arrived. */
export async function sendParts(job: PartsJob, upload: UploadRef): Promise<PartResult[]> {
  const { plan, reader, signal, meter } = job;
  const results: PartResult[] = [];
  const send = async (part: ReadPart, siblings: AbortSignal): Promise<void> => {
    results.push(await sendPart(job, upload, part, siblings));
    meter.add(part.size);
  };
  await pumpParts({ reader, send, concurrency: plan.concurrency, budgetBytes: uploadBudget(plan), signal });
  return results;
}

async function sendPart(
  { to, ref, group }: PartsJob,
  upload: UploadRef,
  part: ReadPart,
  signal: AbortSignal,
): Promise<PartResult> {
  const { number, offset, checksum, last, body } = part;
  let attempts = 0;
  const result = await to.caller.run(bodySubject(OPERATION, ref, true), { signal }, (ctx) => {
    attempts++;
    return group.put(upload, { number, offset, checksum, last }, body, ctx);
  });
  if (result.size !== part.size) {
    const message = `Part ${number} has ${result.size} bytes in the store, and ${part.size} were sent.`;
    throw new StorageError('checksum-mismatch', message);
  }
  if (checksum && result.checksum?.algorithm === checksum.algorithm && result.checksum.value !== checksum.value) {
    const { algorithm, value } = result.checksum;
    const message = `Part ${number} has the ${algorithm} ${value} in the store, and ${checksum.value} was sent.`;
    throw new StorageError('checksum-mismatch', message);
  }
  // An attempt that failed may still be reading the memory.
  if (attempts === 1) part.release();
  return { ...result, checksum: result.checksum ?? checksum };
}

/** An upload whose object is there, not yet compared with what was sent. */
export interface CompletedUpload {
  readonly result: PutResult;
  readonly sent: SentBody;
  /** How far its parts were checked: `client` when each was compared by the store or by Stowage. */
  readonly parts: Verification;
}

/** Compares the object of an upload in parts with what was sent. Throws `checksum-mismatch`. */
export async function settleParts(
  to: TransferContext,
  ref: ObjectRef,
  { result, sent, parts }: CompletedUpload,
): Promise<UploadResult> {
  const whole = parts === 'service' ? { ...result, verified: parts } : result;
  const settled = await settle(to, ref, whole, sent);
  return settled.verified === 'size' && parts === 'client' ? { ...settled, verified: parts } : settled;
}

/** Makes the object of parts that are all there. Throws `checksum-mismatch` before that when the user's own digest does not fit. */
export async function completeUpload(
  job: PartsJob,
  upload: UploadRef,
  parts: readonly (PartRecord & { readonly verified?: Verification | undefined })[],
): Promise<CompletedUpload> {
  const { to, ref, group, options, signal, whole } = job;
  const records = [...parts].sort((a, b) => a.number - b.number);
  const sent = { size: records.reduce((sum, { size }) => sum + size, 0), digests: whole.finish() };
  if (options.checksum) checkGiven(options.checksum, sent.digests[options.checksum.algorithm] ?? 'not known');
  const request = putRequest(options, wholeChecksum(to.driver.capabilities, sent.digests));
  const result = await to.caller.run(
    bodySubject(OPERATION, ref, true),
    { signal },
    (ctx) => group.complete(upload, records, request, ctx),
    wasCompleted(job, upload, sent.size),
  );
  job.meter.finish(sent.size);
  return { result, sent, parts: worst(parts) };
}

function worst(parts: readonly { readonly verified?: Verification | undefined }[]): Verification {
  if (parts.every(({ verified }) => verified === 'service')) return 'service';
  return parts.every(({ verified }) => verified === 'service' || verified === 'client') ? 'client' : 'none';
}

/**
 * The digest that a store can compare with the parts' own when it puts them together, a CRC of the same kind, or the one of the whole
 * that it wants.
 */
function wholeChecksum({ parts }: Capabilities, digests: Checksums): Checksum | undefined {
  const known = (algorithm: ChecksumAlgorithm): boolean => digests[algorithm] !== undefined;
  const wanted = parts?.whole !== undefined && known(parts.whole) ? parts.whole : undefined;
  const algorithm = wanted ?? parts?.upload.find((one) => isCrcAlgorithm(one) && known(one));
  return algorithm && { algorithm, value: digests[algorithm] as string };
}

/** An upload that is gone after a lost answer was completed by the request whose answer was lost. */
export function wasCompleted(
  { to, ref, group }: Pick<PartsJob, 'to' | 'ref' | 'group'>,
  upload: UploadRef,
  size: number,
): Reconcile<PutResult> {
  return async (refusal, ctx) => {
    if (refusal.code !== 'upload-not-found' && !(await isGone(group, upload, ctx))) return undefined;
    const record = await to.driver.stat(ref, {}, ctx);
    return record.size === size ? { value: { record, verified: 'none' } } : undefined;
  };
}

async function isGone(group: PartsGroup, upload: UploadRef, ctx: CallContext): Promise<boolean> {
  try {
    await group.list(upload, {}, ctx);
    return false;
  } catch (error) {
    return isStorageError(error, 'upload-not-found');
  }
}

/** Frees the parts of an upload that failed, in a time of its own; what fails then is told beside the failure itself. */
export async function abandonUpload(
  { caller, driver }: TransferContext,
  upload: UploadRef,
  failure: StorageError,
): Promise<StorageError> {
  try {
    await caller.run(subjectOf(upload.ref), { timeoutMs: CLEAN_UP_MS }, (ctx) => groupOf(driver).abort(upload, ctx));
    return failure;
  } catch (cleanUpError) {
    return withCleanUpError(failure, cleanUpError);
  }
}

/** The calls of a driver that core knows to upload in parts. */
export function groupOf(driver: StorageDriver): PartsGroup {
  if (driver.parts) return driver.parts;
  throw new StorageError('unsupported', `The ${driver.type} driver has no uploads in parts.`);
}

function subjectOf({ container, key }: ObjectRef): CallSubject {
  return { operation: OPERATION, container, key, changes: true };
}
