import type { CallOptions } from '../call/caller.js';
import { StorageError } from '../errors/storage-error.js';
import type { PartResult, PartsGroup, UploadRef } from '../spi/groups.js';
import type { ObjectRecord, ObjectRef } from '../spi/records.js';
import type { CopyRequest, PutAttributes, PutRequest } from '../spi/requests.js';
import { carryAttributes } from './copy-attributes.js';
import { pumpParts } from './part-pump.js';
import { type PartsPlan, planParts, type TransferTuning } from './plan.js';
import { type ProgressListener, ProgressMeter } from './progress.js';
import { bodySubject, type TransferContext } from './transfer-context.js';
import { abandonUpload, groupOf, wasCompleted } from './upload-parts.js';

const OPERATION = 'copyTo';
/** No byte of a part passes through here, so that only the number of requests counts. */
const PART_BYTES = 256 * 1024 * 1024;
const CONCURRENCY = 8;

export interface CopyInPartsOptions extends CallOptions, TransferTuning {
  readonly onProgress?: ProgressListener | undefined;
}

/** An object that is too large for the store's copy call, as it is now. */
interface PartsCopy {
  readonly to: TransferContext;
  readonly from: ObjectRef;
  readonly ref: ObjectRef;
  readonly source: ObjectRecord;
  readonly group: PartsGroup & Required<Pick<PartsGroup, 'copy'>>;
  readonly plan: PartsPlan;
  readonly signal: AbortSignal;
  readonly meter: ProgressMeter;
}

/** True when a store can copy its objects in parts. */
export function canCopyInParts({ driver }: TransferContext): boolean {
  return driver.parts?.copy !== undefined;
}

/**
 * Copies an object inside its store in parts, for objects that are too large for one copy. All parts are of one version of the source:
 * when it changes meanwhile, nothing is made and the call fails with `precondition-failed`. Attributes that a copy call would have kept
 * are read and stored again, tags included.
 */
export async function copyInParts(
  to: TransferContext,
  from: ObjectRef,
  ref: ObjectRef,
  request: CopyRequest,
  options: CopyInPartsOptions = {},
): Promise<{ readonly record: ObjectRecord }> {
  const group = copyingGroup(to);
  const shared = to.caller.share(options);
  const { signal } = shared;
  try {
    const source = await statVersion(to, from, request, signal);
    const tuning = { partSize: PART_BYTES, concurrency: CONCURRENCY, ...given(options) };
    const { ifMatch, ifNoneMatch } = request;
    const plan = planParts({
      provider: to.provider,
      capabilities: to.driver.capabilities,
      size: source.size,
      options: { ...tuning, ifMatch, ifNoneMatch },
    });
    const meter = new ProgressMeter(options.onProgress, source.size, to.host);
    const job: PartsCopy = { to, from, ref, source, group, plan, signal, meter };
    const put = { ...(await attributesOf(job, request)), ifMatch, ifNoneMatch, provider: request.provider };
    return await run(job, put);
  } catch (error) {
    throw to.caller.dress(error, bodySubject(OPERATION, ref, true));
  } finally {
    shared.end();
  }
}

function copyingGroup({ driver }: TransferContext): PartsCopy['group'] {
  const group = groupOf(driver);
  if (group.copy) return group as PartsCopy['group'];
  throw new StorageError('unsupported', `The ${driver.type} driver cannot copy in parts.`);
}

function given({ partSize, concurrency }: TransferTuning): TransferTuning {
  return { ...(partSize !== undefined && { partSize }), ...(concurrency !== undefined && { concurrency }) };
}

async function statVersion(
  to: TransferContext,
  from: ObjectRef,
  { sourceIfMatch }: CopyRequest,
  signal: AbortSignal,
): Promise<ObjectRecord> {
  const record = await to.caller.run(bodySubject(OPERATION, from, false), { signal }, (ctx) =>
    to.driver.stat(from, {}, ctx),
  );
  if (sourceIfMatch === undefined || sourceIfMatch === '*' || record.etag === sourceIfMatch) return record;
  const message = `Object "${from.key}" is not the version that "sourceIfMatch" names; nothing was copied.`;
  throw new StorageError('precondition-failed', message);
}

/** What the copy shall have beside its bytes: the store does not carry it over from the source of a part. */
async function attributesOf({ to, from, source, signal }: PartsCopy, request: CopyRequest): Promise<PutAttributes> {
  if (request.attributes) return request.attributes;
  const { attributes } = carryAttributes(source, to.driver.capabilities);
  const { tags } = to.driver;
  if (!tags) return attributes;
  const found = await to.caller.run(bodySubject(OPERATION, from, false), { signal }, (ctx) => tags.read(from, ctx));
  return Object.keys(found).length > 0 ? { ...attributes, tags: found } : attributes;
}

async function run(job: PartsCopy, request: PutRequest): Promise<{ readonly record: ObjectRecord }> {
  const { to, ref, group, source, signal, meter } = job;
  const subject = bodySubject(OPERATION, ref, true);
  const upload = await to.caller.run(subject, { signal }, (ctx) => group.begin(ref, request, ctx));
  try {
    const parts = await copyAll(job, upload);
    parts.sort((a, b) => a.number - b.number);
    await checkUnchanged(job);
    const complete = (): Promise<{ readonly record: ObjectRecord }> =>
      to.caller.run(
        subject,
        { signal },
        (ctx) => group.complete(upload, parts, request, ctx),
        wasCompleted({ to, ref, group }, upload, source.size),
      );
    const { record } = await complete();
    meter.finish(source.size);
    return { record };
  } catch (error) {
    throw await abandonUpload(to, upload, to.caller.dress(error, subject));
  }
}

interface PartToCopy {
  readonly number: number;
  readonly offset: number;
  readonly size: number;
}

async function copyAll(job: PartsCopy, upload: UploadRef): Promise<PartResult[]> {
  const { plan, source, signal, meter } = job;
  const results: PartResult[] = [];
  let offset = 0;
  const reader = {
    get nextSize() {
      return Math.min(plan.partSize, source.size - offset);
    },
    async next(): Promise<PartToCopy | undefined> {
      if (offset >= source.size) return undefined;
      const part = { number: offset / plan.partSize + 1, offset, size: this.nextSize };
      offset += part.size;
      return part;
    },
  };
  const send = async (part: PartToCopy, siblings: AbortSignal): Promise<void> => {
    results.push(await copyPart(job, upload, part, siblings));
    meter.add(part.size);
  };
  await pumpParts({ reader, send, concurrency: plan.concurrency, budgetBytes: Infinity, signal });
  return results;
}

function copyPart(
  { to, from, ref, source, group }: PartsCopy,
  upload: UploadRef,
  { number, offset, size }: PartToCopy,
  signal: AbortSignal,
): Promise<PartResult> {
  const { copy, versions, capabilities } = to.driver;
  const versionId = from.versionId ?? (versions && source.versionId);
  const pinned = copy && capabilities.copy?.conditions.includes('sourceIfMatch');
  const wanted = {
    ref: versionId === undefined ? from : { ...from, versionId },
    range: { start: offset, end: offset + size },
    ifMatch: pinned ? source.etag : undefined,
  };
  return to.caller.run(bodySubject(OPERATION, ref, true), { signal }, (ctx) =>
    group.copy(upload, { number, offset }, wanted, ctx),
  );
}

/** Where the store cannot pin the version of each part: all parts are of one version if it still is there at the end. */
async function checkUnchanged({ to, from, source, signal }: PartsCopy): Promise<void> {
  const now = await to.caller.run(bodySubject(OPERATION, from, false), { signal }, (ctx) =>
    to.driver.stat(from, {}, ctx),
  );
  if (now.etag === source.etag && now.size === source.size && now.modifiedAtMs === source.modifiedAtMs) return;
  const message = `Object "${from.key}" was replaced while it was copied; nothing was made of it. Copy it again.`;
  throw new StorageError('precondition-failed', message);
}
