import { StorageError } from '../errors/storage-error.js';
import type { Capabilities, PartsCapabilities } from '../spi/capabilities.js';
import type { WriteConditions } from '../spi/requests.js';

const MIB = 1024 * 1024;
const DEFAULT_PART_BYTES = 8 * MIB;
const DEFAULT_CONCURRENCY = 4;
/** A stream of unknown length gets larger parts after each tenth of the part numbers. */
const STEPS = 10;
/** Growth from one step to the next where the store does not say how large an object may be. */
const DEFAULT_GROWTH = 2;
/** Faster growth would cost streams of some gigabytes parts that fit in no memory, for the sake of sizes that nobody streams. */
export const MAX_GROWTH = 4;

/** Tuning of a transfer; says nothing about what is stored. */
export interface TransferTuning {
  /** Bytes of a part. Default 8 MiB, or the nearest size that the store takes; larger where an object would have too many parts. */
  readonly partSize?: number | undefined;
  /** Parts under way at once. Default 4. */
  readonly concurrency?: number | undefined;
}

/** The whole body in one request. */
export interface SinglePlan {
  readonly kind: 'single';
}

/** The store must know the size first: the body is held in memory, up to a bound, and then sent in one request. */
export interface SpoolPlan {
  readonly kind: 'spool';
  readonly maxBytes: number;
  /** What to do about a body that is larger. */
  readonly advice: string;
}

/** Parts, all of `partSize` bytes but the last; of an unknown length, parts that grow as `partSizeAt` tells. */
export interface PartsPlan {
  readonly kind: 'parts';
  /** Bytes of the first part. */
  readonly partSize: number;
  readonly concurrency: number;
  /** Undefined when the length is unknown. */
  readonly count: number | undefined;
  /** Factor of the part size after each tenth of the part numbers; 1 for a known length. */
  readonly growth: number;
  readonly maxParts: number;
  readonly maxPartSize: number;
  readonly multipleOf: number;
}

export type UploadPlan = SinglePlan | SpoolPlan | PartsPlan;

export interface UploadPlanInput {
  readonly provider: string;
  readonly capabilities: Capabilities;
  /** Bytes; undefined when it is known only at the end. */
  readonly size: number | undefined;
  readonly options: TransferTuning & WriteConditions & { readonly spoolBytes?: number | undefined };
}

/** Decides how a body is sent, before any request. Throws when the store cannot hold it: `invalid-argument`, `unsupported`. */
export function planUpload(input: UploadPlanInput): UploadPlan {
  checkCount('partSize', input.options.partSize);
  checkCount('concurrency', input.options.concurrency);
  checkCount('spoolBytes', input.options.spoolBytes);
  const { parts } = input.capabilities;
  if (parts) checkPartSize(input.provider, parts, input.options.partSize);
  return input.size === undefined ? planUnknown(input, parts) : planKnown(input, input.size, parts);
}

/** Plans parts where the caller insists on them, as a resumable upload does. Throws `unsupported` without the ability. */
export function planParts(input: UploadPlanInput): PartsPlan {
  const { provider, capabilities, options, size } = input;
  const { parts } = capabilities;
  if (!parts) throw noParts(provider);
  checkCount('partSize', options.partSize);
  checkCount('concurrency', options.concurrency);
  checkPartSize(provider, parts, options.partSize);
  const condition = missingCondition(options, parts.conditions);
  if (condition) throw unsupportedCondition(provider, condition);
  return size === undefined ? growingParts(parts, options) : equalParts(provider, parts, size, options);
}

/** The plan by which an upload was begun, told by what its token holds. Throws `invalid-argument` when the store does not take it. */
export function resumePlan(
  provider: string,
  { parts }: Capabilities,
  begun: Pick<PartsPlan, 'partSize' | 'growth'> & { readonly size: number | undefined },
  concurrency: number | undefined,
): PartsPlan {
  if (!parts) throw noParts(provider);
  checkCount('concurrency', concurrency);
  checkPartSize(provider, parts, begun.partSize);
  const { partSize, growth, size } = begun;
  const count = size === undefined ? undefined : Math.max(1, Math.ceil(size / partSize));
  const limits = limitsOf(parts);
  if (count !== undefined && count > limits.maxParts)
    throw tooLarge(provider, size as number, `${limits.maxParts} parts hold ${limits.maxParts * partSize}`);
  return { kind: 'parts', partSize, growth, count, concurrency: concurrencyOf(parts, { concurrency }), ...limits };
}

function noParts(provider: string): StorageError {
  return new StorageError('unsupported', `${provider} has no uploads in parts, so that an upload cannot be resumed.`);
}

function planKnown(input: UploadPlanInput, size: number, parts: PartsCapabilities | undefined): UploadPlan {
  const { provider, capabilities, options } = input;
  const fitsOnePut = size <= capabilities.put.maxBytes;
  if (!parts) {
    if (fitsOnePut) return { kind: 'single' };
    throw tooLarge(provider, size, `one put takes at most ${capabilities.put.maxBytes}`);
  }
  if (fitsOnePut && size <= (options.partSize ?? parts.thresholdBytes)) return { kind: 'single' };
  const condition = missingCondition(options, parts.conditions);
  if (condition && fitsOnePut) return { kind: 'single' };
  if (condition) throw unsupportedCondition(provider, condition);
  return equalParts(provider, parts, size, options);
}

/** True where one put takes a body of any length and no size makes parts worth their while, such as on a local disk. */
function isPutEnough({ capabilities: { put }, options }: UploadPlanInput, parts: PartsCapabilities): boolean {
  return put.unknownSize && options.partSize === undefined && parts.thresholdBytes >= put.maxBytes;
}

function planUnknown(input: UploadPlanInput, parts: PartsCapabilities | undefined): UploadPlan {
  const { provider, capabilities, options } = input;
  const condition = parts && missingCondition(options, parts.conditions);
  if (parts && !condition && !isPutEnough(input, parts)) return growingParts(parts, options);
  if (capabilities.put.unknownSize) return { kind: 'single' };
  const reason = condition ? `with "${condition}" ` : '';
  const advice = `${provider} must know the size of a body ${reason}before it is sent: give "size", or a "spoolBytes" up to which the body may be held in memory.`;
  const bound = options.spoolBytes ?? (parts && basePartSize(parts, options.partSize));
  if (bound === undefined) throw new StorageError('unsupported', advice);
  return { kind: 'spool', maxBytes: Math.min(bound, capabilities.put.maxBytes), advice };
}

function equalParts(provider: string, parts: PartsCapabilities, size: number, options: TransferTuning): PartsPlan {
  const limits = limitsOf(parts);
  const least = Math.ceil(size / parts.maxParts);
  const partSize = Math.max(basePartSize(parts, options.partSize), roundUp(least, parts.multipleOf));
  const largest = Math.min(parts.maxObjectBytes ?? Infinity, limits.maxPartSize * parts.maxParts);
  if (size > largest) throw tooLarge(provider, size, `an object has at most ${largest}`);
  const count = Math.max(1, Math.ceil(size / partSize));
  return { kind: 'parts', partSize, count, concurrency: concurrencyOf(parts, options), growth: 1, ...limits };
}

function growingParts(parts: PartsCapabilities, options: TransferTuning): PartsPlan {
  const plan = {
    kind: 'parts',
    partSize: basePartSize(parts, options.partSize),
    count: undefined,
    concurrency: concurrencyOf(parts, options),
    ...limitsOf(parts),
  } as const;
  return { ...plan, growth: parts.uniform ? 1 : smallestGrowth(plan, parts.maxObjectBytes) };
}

/** Finds the least growth by which the store's largest object fits, so that parts stay as small as they can. */
function smallestGrowth(plan: Omit<PartsPlan, 'growth'>, maxObjectBytes: number | undefined): number {
  if (maxObjectBytes === undefined) return DEFAULT_GROWTH;
  if (largestUpload({ ...plan, growth: 1 }) >= maxObjectBytes) return 1;
  let [low, high] = [1, MAX_GROWTH];
  while (high - low > 0.01) {
    const middle = (low + high) / 2;
    if (largestUpload({ ...plan, growth: middle }) >= maxObjectBytes) high = middle;
    else low = middle;
  }
  return high;
}

/** Bytes that all parts of a plan hold together. */
export function largestUpload(plan: PartsPlan): number {
  const perStep = Math.ceil(plan.maxParts / STEPS);
  let bytes = 0;
  for (let number = 1; number <= plan.maxParts; number += perStep) {
    bytes += partSizeAt(plan, number) * Math.min(perStep, plan.maxParts - number + 1);
  }
  return bytes;
}

/** Bytes of a part, counted from 1, that is not the last. */
export function partSizeAt(plan: PartsPlan, number: number): number {
  if (plan.growth === 1) return plan.partSize;
  const step = Math.floor((number - 1) / Math.ceil(plan.maxParts / STEPS));
  return Math.min(plan.maxPartSize, roundUp(Math.ceil(plan.partSize * plan.growth ** step), plan.multipleOf));
}

/** Bytes that the parts of an upload may hold in memory together: those under way and the one that is being read. */
export function uploadBudget(plan: PartsPlan): number {
  return plan.partSize * (plan.concurrency + 1);
}

export interface DownloadPlan {
  /** First byte of the object that is read. */
  readonly start: number;
  /** First byte that is no longer read. */
  readonly end: number;
  readonly partSize: number;
  readonly count: number;
  readonly concurrency: number;
}

/** Divides bytes of an object into ranges that can be read at the same time; of no bytes, none. */
export function planDownload(
  range: { readonly start: number; readonly end: number },
  options: TransferTuning,
): DownloadPlan {
  checkCount('partSize', options.partSize);
  checkCount('concurrency', options.concurrency);
  const { start, end } = range;
  const partSize = options.partSize ?? DEFAULT_PART_BYTES;
  const count = Math.ceil((end - start) / partSize);
  const concurrency = Math.max(1, Math.min(options.concurrency ?? DEFAULT_CONCURRENCY, count));
  return { start, end, partSize, count, concurrency };
}

/** The range of the part at `index`, counted from 0; `end` is exclusive. */
export function downloadRange(plan: DownloadPlan, index: number): { readonly start: number; readonly end: number } {
  const start = plan.start + index * plan.partSize;
  return { start, end: Math.min(start + plan.partSize, plan.end) };
}

function limitsOf(parts: PartsCapabilities): Pick<PartsPlan, 'maxParts' | 'maxPartSize' | 'multipleOf'> {
  const { maxParts, multipleOf } = parts;
  return { maxParts, multipleOf, maxPartSize: Math.floor(parts.maxBytes / multipleOf) * multipleOf };
}

function basePartSize(parts: PartsCapabilities, wanted: number | undefined): number {
  const { maxPartSize, multipleOf } = limitsOf(parts);
  return Math.min(maxPartSize, roundUp(Math.max(wanted ?? DEFAULT_PART_BYTES, parts.minBytes), multipleOf));
}

function concurrencyOf(parts: PartsCapabilities, options: TransferTuning): number {
  return parts.sequential ? 1 : (options.concurrency ?? DEFAULT_CONCURRENCY);
}

function missingCondition(conditions: WriteConditions, known: readonly string[]): string | undefined {
  const names = ['ifMatch', 'ifNoneMatch'] as const;
  return names.find((name) => conditions[name] !== undefined && !known.includes(name));
}

function roundUp(value: number, multipleOf: number): number {
  return Math.ceil(value / multipleOf) * multipleOf;
}

function checkCount(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return;
  throw new StorageError('invalid-argument', `"${name}" must be a whole number above 0.`);
}

function checkPartSize(provider: string, parts: PartsCapabilities, partSize: number | undefined): void {
  if (partSize === undefined) return;
  const { maxPartSize, multipleOf } = limitsOf(parts);
  if (partSize >= parts.minBytes && partSize <= maxPartSize && partSize % multipleOf === 0) return;
  const multiples = multipleOf === 1 ? '' : ` and a multiple of ${multipleOf}`;
  const message = `"partSize" must be from ${parts.minBytes} to ${parts.maxBytes} bytes${multiples} for ${provider}; ${basePartSize(parts, partSize)} would do.`;
  throw new StorageError('invalid-argument', message);
}

function tooLarge(provider: string, size: number, limit: string): StorageError {
  return new StorageError('invalid-argument', `${provider} cannot hold this object of ${size} bytes: ${limit} bytes.`);
}

function unsupportedCondition(provider: string, condition: string): StorageError {
  const message = `${provider} cannot honour "${condition}" for an upload in parts; send a body that fits in one put, or remove the condition.`;
  return new StorageError('unsupported', message);
}
