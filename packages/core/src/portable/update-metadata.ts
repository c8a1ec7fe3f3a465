import { checkOptions } from '../call/option-checks.js';
import type { CallOptions } from '../call/scope.js';
import { StorageError } from '../errors/storage-error.js';
import type { CopiedRecord, ObjectRecord, ObjectRef } from '../spi/records.js';
import type { PutAttributes } from '../spi/requests.js';
import { copyThroughClient } from '../transfer/copy.js';
import { copyInside } from './copy-inside.js';
import { ATTRIBUTES_ONLY_CHECKS, NO_OPTIONS, UPDATE_METADATA_CHECKS, type UpdateMetadataOptions } from './options.js';
import { type Session, together } from './session.js';

const OPERATION = 'updateMetadata';

/** Changes what is stored beside the bytes; where the store has no such call, by writing the object over itself. */
export async function updateMetadata(
  session: Session,
  ref: ObjectRef,
  change: PutAttributes,
  options: UpdateMetadataOptions,
): Promise<CopiedRecord> {
  if (options !== NO_OPTIONS) checkOptions(OPERATION, options, UPDATE_METADATA_CHECKS);
  checkOptions(OPERATION, change, ATTRIBUTES_ONLY_CHECKS);
  session.validator.attributes(OPERATION, change);
  const { ifMatch, ...call } = options;
  const group = session.driver.metadata;
  if (!group) return rewrite(session, ref, change, ifMatch, call);
  const subject = { operation: OPERATION, container: ref.container, key: ref.key, changes: true };
  return session.caller.run(subject, call, (ctx) => group.update(ref, { ...change, ifMatch }, ctx));
}

async function rewrite(
  session: Session,
  ref: ObjectRef,
  change: PutAttributes,
  ifMatch: string | undefined,
  call: CallOptions,
): Promise<CopiedRecord> {
  const { copy, capabilities } = session.driver;
  const how = copy ? 'copied over itself inside the store' : 'read and written again through this process';
  const lost = 'what the store does not tell of it, such as its ACL and tags, is lost';
  session.emulation.use(OPERATION, 'call that changes metadata', `the object is ${how}; ${lost}`);
  return together(session, call, async (shared) => {
    const subject = { operation: OPERATION, container: ref.container, key: ref.key };
    const now = await session.caller.run(subject, shared, (ctx) => session.driver.stat(ref, {}, ctx));
    if (ifMatch !== undefined && now.etag !== ifMatch) throw changed(session, ref);
    const attributes = { ...attributesOf(now, capabilities.put.attributes), ...given(change) };
    const sourceCondition = !copy || capabilities.copy?.conditions.includes('sourceIfMatch');
    const writeConditions = copy ? capabilities.copy?.conditions : capabilities.put.conditions;
    const request = {
      attributes,
      sourceIfMatch: sourceCondition ? now.etag : undefined,
      ifMatch: writeConditions?.includes('ifMatch') ? now.etag : undefined,
    };
    const job = { session, from: ref, to: ref, operation: OPERATION, call: shared };
    const written =
      (await copyInside(job, request)) ?? (await copyThroughClient(session, ref, session, ref, request, shared));
    // The content is the one that was there, where the store made sure of it.
    const size = written.record.size ?? (request.sourceIfMatch === undefined ? undefined : now.size);
    return { ...written.record, size };
  });
}

/** What the store told of an object and can be told to store again. */
function attributesOf(record: ObjectRecord, storable: readonly (keyof PutAttributes)[]): PutAttributes {
  const names = [
    'contentType',
    'contentEncoding',
    'contentDisposition',
    'contentLanguage',
    'cacheControl',
    'metadata',
    'storageClass',
  ] as const;
  const known = names.filter((name) => storable.includes(name) && record[name] !== undefined);
  return Object.fromEntries(known.map((name) => [name, record[name]]));
}

/** A field that is undefined stays as it is. */
function given(change: PutAttributes): PutAttributes {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function changed(session: Session, { container, key }: ObjectRef): StorageError {
  const message = `Object "${key}" is not the version that "ifMatch" names; read it again.`;
  return session.caller.dress(new StorageError('precondition-failed', message), {
    operation: OPERATION,
    container,
    key,
  });
}
