import type { CallOptions } from '../call/scope.js';
import { checkOptions } from '../call/option-checks.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { MoveCapabilities } from '../spi/capabilities.js';
import type { Verification } from '../spi/checksums.js';
import type { CopiedRecord, ObjectRecord, ObjectRef } from '../spi/records.js';
import type { CopyRequest, DeleteResult } from '../spi/requests.js';
import { copyThroughClient, type CopyThroughOptions } from '../transfer/copy.js';
import { copyInside } from './copy-inside.js';
import { ATTRIBUTES_ONLY_CHECKS, COPY_CHECKS, type CopyOptions, NO_OPTIONS } from './options.js';
import { need, type Session, together } from './session.js';

/** What a copy or a move gives: the new object. */
export interface CopyResult {
  readonly record: CopiedRecord;
  readonly verified?: Verification | undefined;
  /** Attributes of the source that the copy has not. */
  readonly lost?: readonly string[] | undefined;
}

/** Copies one object: inside the store where it can, else through this process as the policy allows. */
export async function copyObject(
  session: Session,
  from: ObjectRef,
  target: Session,
  to: ObjectRef,
  options: CopyOptions,
  operation: string,
): Promise<CopyResult> {
  const { request, ...how } = readCopyOptions(session, target, from, options, operation);
  return copy({ session, from, target, to, operation, ...how }, request);
}

interface CopyJob {
  readonly session: Session;
  readonly from: ObjectRef;
  readonly target: Session;
  readonly to: ObjectRef;
  readonly operation: string;
  readonly call: CallOptions;
  readonly through: CopyThroughOptions;
}

function readCopyOptions(
  session: Session,
  target: Session,
  from: ObjectRef,
  options: CopyOptions,
  operation: string,
): { readonly call: CallOptions; readonly request: CopyRequest; readonly through: CopyThroughOptions } {
  if (options !== NO_OPTIONS) checkOptions(operation, options, COPY_CHECKS);
  if (options.attributes) checkOptions(`${operation}: attributes`, options.attributes, ATTRIBUTES_ONLY_CHECKS);
  if (from.versionId !== undefined) need(session, session.driver.versions, operation, 'versions');
  const facts = session === target ? insideFacts(session, operation) : undefined;
  target.validator.copy(operation, options, facts);
  const { signal, timeoutMs, lossy, partSize, concurrency, onProgress, ...request } = options;
  return { call: { signal, timeoutMs }, request, through: { lossy, partSize, concurrency, onProgress } };
}

/** What the store's own call for this can honour; undefined where it has none. */
function insideFacts({ driver }: Session, operation: string): MoveCapabilities | undefined {
  if (operation === 'moveTo' && driver.move) return driver.capabilities.move;
  return driver.copy && driver.capabilities.copy;
}

function canCopyInside(session: Session, target: Session): boolean {
  return session === target && session.driver.copy !== undefined;
}

async function copy(job: CopyJob, request: CopyRequest): Promise<CopyResult> {
  const { session, from, target, to, operation, call, through } = job;
  const inside =
    session === target ? await copyInside({ session, from, to, operation, call, tuning: through }, request) : undefined;
  return inside ?? copyHere(job, request);
}

/** Between two storages there is no other way, and the caller asked for it: the policy is about what one store lacks. */
async function copyHere(job: CopyJob, request: CopyRequest): Promise<CopyResult> {
  const { session, from, target, to, operation, call, through } = job;
  if (session === target) {
    const instead = 'the bytes are read and written again through this process';
    session.emulation.use(operation, 'copy call for such an object', instead);
  }
  return copyThroughClient(session, from, target, to, request, { ...call, ...through });
}

function statObject(session: Session, ref: ObjectRef, operation: string, call: CallOptions): Promise<ObjectRecord> {
  const subject = { operation, container: ref.container, key: ref.key };
  return session.caller.run(subject, call, (ctx) => session.driver.stat(ref, {}, ctx));
}

/**
 * Moves one object. Where the store has no move: a copy of the version that is there now, then a delete of that version only, so that
 * what another writes meanwhile is never lost.
 */
export async function moveObject(
  session: Session,
  from: ObjectRef,
  target: Session,
  to: ObjectRef,
  options: CopyOptions,
): Promise<CopyResult> {
  const operation = 'moveTo';
  const { request, ...how } = readCopyOptions(session, target, from, options, operation);
  const { call } = how;
  if (from.versionId !== undefined) {
    throw new StorageError('invalid-argument', 'A version of an object cannot be moved; copy it, or move the object.');
  }
  const group = session === target ? session.driver.move : undefined;
  const job = { session, from, target, to, operation, ...how };
  if (session === target && from.container === to.container && from.key === to.key) {
    return { record: await statObject(session, from, operation, call) };
  }
  if (group) {
    const subject = { operation, container: from.container, key: from.key, changes: true };
    return session.caller.run(subject, call, (ctx) => group.move(from, to, request, ctx));
  }
  if (session === target) {
    const instead = 'the object is copied and then deleted: for a moment there are two';
    session.emulation.use(operation, 'move call', instead);
  }
  return together(session, call, (shared) => copyAndDelete({ ...job, call: shared }, request));
}

async function copyAndDelete(job: CopyJob, request: CopyRequest): Promise<CopyResult> {
  const { session, from, call, operation } = job;
  const before = await statObject(session, from, operation, call);
  const conditional = session.driver.capabilities.copy?.conditions.includes('sourceIfMatch') ?? false;
  const pin = request.sourceIfMatch ?? (conditional || !canCopyInside(session, job.target) ? before.etag : undefined);
  const copied = await copy(job, { ...request, sourceIfMatch: pin });
  await deleteMoved(job, before, copied.record);
  // What was deleted was what was copied.
  return { ...copied, record: { ...copied.record, size: copied.record.size ?? before.size } };
}

/** Deletes the source, if it is what was copied. */
async function deleteMoved(job: CopyJob, before: ObjectRecord, copied: CopiedRecord): Promise<void> {
  const { session, from, operation, call } = job;
  const { driver, caller } = session;
  const conditional = before.etag !== undefined && driver.capabilities.delete.conditions.includes('ifMatch');
  if (!conditional || namesOneObject(job)) await checkUnchanged(job, before, copied);
  const subject = { operation, container: from.container, key: from.key, changes: true };
  const request = conditional ? { ifMatch: before.etag } : {};
  await caller.run(subject, call, (ctx) => driver.delete(from, request, ctx), goneAnyway(job));
}

/** After a lost answer, a source that is not there any more was deleted. */
function goneAnyway({ session, from, operation, call }: CopyJob): () => Promise<{ value: DeleteResult } | undefined> {
  return async () => {
    try {
      await statObject(session, from, operation, call);
      return undefined;
    } catch (error) {
      if (isStorageError(error, 'object-not-found')) return { value: { existed: true } };
      throw error;
    }
  };
}

/** Two storages may be one: then the copy went over its own source, and a delete would lose it. */
function namesOneObject({ session, target, from, to }: CopyJob): boolean {
  return session !== target && from.container === to.container && from.key === to.key;
}

async function checkUnchanged(job: CopyJob, before: ObjectRecord, copied: CopiedRecord): Promise<void> {
  const { session, target, from, to, operation, call } = job;
  const now = await statObject(session, from, operation, call);
  if (!sameVersion(now, before)) throw changed(job, 'it changed while it was copied');
  if (!namesOneObject(job)) return;
  const there = copied.modifiedAtMs === undefined ? await statObject(target, to, operation, call) : copied;
  if (sameVersion(now, there)) throw changed(job, 'both storages seem to name the same object');
}

function sameVersion(a: CopiedRecord, b: CopiedRecord): boolean {
  return (
    a.size === b.size &&
    a.etag === b.etag &&
    a.modifiedAtMs === b.modifiedAtMs &&
    (a.versionId ?? '') === (b.versionId ?? '')
  );
}

function changed({ from, to, session, operation }: CopyJob, reason: string): StorageError {
  const { container, key } = from;
  const message = `"${key}" was copied to "${to.key}" and not deleted: ${reason}. Look at both, and delete the one that is not wanted.`;
  const facts = { provider: session.provider, operation, container, key };
  return session.caller.dress(new StorageError('precondition-failed', message, facts), { operation, container, key });
}
