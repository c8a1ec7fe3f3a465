import type { CallOptions, CallSubject } from '../call/caller.js';
import { classify } from '../call/dress.js';
import { checkOptions } from '../call/option-checks.js';
import { isStorageError, StorageError } from '../errors/storage-error.js';
import type { ErrorCode } from '../errors/codes.js';
import type { BulkDeleteGroup } from '../spi/groups.js';
import type { ObjectRef } from '../spi/records.js';
import type { DeleteRequest } from '../spi/requests.js';
import { eachBounded } from './each-bounded.js';
import {
  DELETE_CHECKS,
  DELETE_MANY_CHECKS,
  type DeleteManyOptions,
  type DeleteOptions,
  NO_OPTIONS,
} from './options.js';
import { need, type Session, together } from './session.js';

/** What became of many deletes. A key that was missing counts as deleted. */
export interface DeleteManyResult {
  readonly deleted: number;
  /** Keys that are still there, each with the reason. */
  readonly errors: readonly { readonly key: string; readonly error: StorageError }[];
}

/** Deletes one object; resolves also when it is missing. */
export async function deleteObject(session: Session, ref: ObjectRef, options: DeleteOptions): Promise<void> {
  if (options !== NO_OPTIONS) {
    checkOptions('delete', options, DELETE_CHECKS);
    session.validator.delete('delete', options);
  }
  const { ifMatch, provider, versionId } = options;
  const target = versionId === undefined ? ref : { container: ref.container, key: ref.key, versionId };
  if (target.versionId !== undefined) need(session, session.driver.versions, 'delete', 'versions');
  await deleteOne(session, 'delete', target, { ifMatch, provider }, options);
}

async function deleteOne(
  session: Session,
  operation: string,
  ref: ObjectRef,
  request: DeleteRequest,
  options: CallOptions,
): Promise<void> {
  const subject = { operation, container: ref.container, key: ref.key, changes: true };
  try {
    await session.caller.run(subject, options, (ctx) => session.driver.delete(ref, request, ctx));
  } catch (error) {
    // What is not there needs no delete; with a condition, the caller wants to know.
    if (request.ifMatch === undefined && isStorageError(error, 'object-not-found')) return;
    throw error;
  }
}

/** Failures that say nothing about one key: the whole call ends with them. */
const CALL_FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'aborted',
  'closed',
  'timeout',
  'unauthenticated',
  'container-not-found',
]);

const BULK_CONCURRENCY = 4;
const SINGLE_CONCURRENCY = 16;

/** Deletes many objects, in as few requests as the store allows, and tells of each that could not be deleted. */
export async function deleteObjects(
  session: Session,
  operation: string,
  refs: AsyncIterable<ObjectRef>,
  options: DeleteManyOptions,
): Promise<DeleteManyResult> {
  checkOptions(operation, options, DELETE_MANY_CHECKS);
  const { bulkDelete, capabilities } = session.driver;
  const { provider, concurrency = bulkDelete ? BULK_CONCURRENCY : SINGLE_CONCURRENCY, ...call } = options;
  const tally: Tally = { deleted: 0, errors: [] };
  await together(session, call, async (shared) => {
    const request = { provider };
    if (!bulkDelete) {
      return eachBounded(refs, concurrency, (ref) => deleteAndCount(session, operation, ref, request, shared, tally));
    }
    const facts = capabilities.bulkDelete ?? { maxKeys: 1 };
    const isAlone = (ref: ObjectRef): boolean => facts.excludes?.(ref.key) ?? false;
    return eachBounded(inBatches(refs, facts.maxKeys, isAlone), concurrency, (batch) =>
      batch instanceof Array
        ? deleteBatch(session, operation, bulkDelete, batch, request, shared, tally)
        : deleteAndCount(session, operation, batch, request, shared, tally),
    );
  });
  return tally;
}

/** Counts while the deletes run. */
interface Tally extends DeleteManyResult {
  deleted: number;
  readonly errors: { readonly key: string; readonly error: StorageError }[];
}

async function deleteAndCount(
  session: Session,
  operation: string,
  ref: ObjectRef,
  request: DeleteRequest,
  options: CallOptions,
  tally: Tally,
): Promise<void> {
  try {
    await deleteOne(session, operation, ref, request, options);
    tally.deleted++;
  } catch (error) {
    if (!isStorageError(error) || CALL_FAILURES.has(error.code)) throw error;
    tally.errors.push({ key: ref.key, error });
  }
}

interface Refusal {
  readonly ref: ObjectRef;
  readonly error: StorageError;
}

/** Deletes one batch. Keys whose deletion may succeed later are asked for again, alone; the request's own failure ends the call. */
async function deleteBatch(
  session: Session,
  operation: string,
  group: BulkDeleteGroup,
  batch: readonly ObjectRef[],
  request: DeleteRequest,
  options: CallOptions,
  tally: Tally,
): Promise<void> {
  const subject: CallSubject = { operation, container: batch[0]?.container, changes: true };
  const keep = (failures: readonly Refusal[]): void => {
    for (const { ref, error } of failures) {
      tally.errors.push({ key: ref.key, error: session.caller.dress(error, { ...subject, key: ref.key }) });
    }
  };
  let waiting = batch;
  let refusals: readonly Refusal[] = [];
  try {
    await session.caller.run(subject, options, async (ctx) => {
      refusals = [];
      const results = await group.delete(waiting, request, ctx);
      if (results.length !== waiting.length) throw wrongCount(waiting.length, results.length);
      const failed = results.flatMap(({ ref, error }) =>
        error === undefined || isStorageError(error, 'object-not-found')
          ? []
          : [{ ref, error: classify(error, operation) }],
      );
      const fatal = failed.find(({ error }) => CALL_FAILURES.has(error.code));
      if (fatal) throw fatal.error;
      tally.deleted += waiting.length - failed.length;
      keep(failed.filter(({ error }) => !error.retryable));
      refusals = failed.filter(({ error }) => error.retryable);
      waiting = refusals.map(({ ref }) => ref);
      if (refusals[0]) throw refusals[0].error;
    });
  } catch (error) {
    if (refusals.length === 0 || (isStorageError(error) && CALL_FAILURES.has(error.code))) throw error;
    keep(refusals);
  }
}

function wrongCount(asked: number, told: number): StorageError {
  const message = `The driver told of ${told} of ${asked} deletes. Report it to its authors.`;
  return new StorageError('unknown', message, { retryable: false });
}

/** Gathers items into arrays of at most `size`; those that must go alone come as they are. */
async function* inBatches<T>(
  items: AsyncIterable<T>,
  size: number,
  isAlone: (item: T) => boolean,
): AsyncGenerator<T[] | T> {
  let batch: T[] = [];
  for await (const item of items) {
    if (isAlone(item)) {
      yield item;
      continue;
    }
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
