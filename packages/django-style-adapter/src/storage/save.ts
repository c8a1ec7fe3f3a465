import { type Capabilities, type Container, isStorageError, type PutOptions, StorageError } from '@stowage/core';
import { SuspiciousFileOperation } from '../errors.js';
import type { File } from '../files/file.js';
import { type KeepOptions, openBody, type SaveBody } from './save-body.js';

/** A name to save under. */
export interface NameProposal {
  readonly name: string;
  readonly key: string;
  /** The name is wanted even when it is taken: what is there is replaced. */
  readonly replace: boolean;
}

/** How a storage saves. */
export interface SavePlan {
  readonly container: Container;
  /** What has the name already is replaced. */
  readonly overwrites: boolean;
  /** The proposed names were found free just now. */
  readonly namesAreChosen: boolean;
  /** Bytes of a stream that are kept in memory. */
  readonly maxMemoryBytes: number;
  /** Where the rest of such a stream is kept. */
  readonly temporaryDirectory: string;
}

export type SaveAttributes = Omit<PutOptions, 'ifMatch' | 'ifNoneMatch' | 'size'>;

/** More than any accident needs: only a rule that proposes taken names again and again comes so far. */
const MOST_PROPOSALS = 100;

/**
 * Stores a file under the first proposed name that nobody has, and returns that name's key.
 *
 * Where the store can refuse to overwrite, the put itself is the question whether the name is free, so that nobody can take it
 * between question and put. docs/decisions/0005-race-free-save.md tells more.
 */
export async function saveUnderFreeName(
  plan: SavePlan,
  proposals: AsyncIterable<NameProposal>,
  file: File<Buffer | string>,
  attributes: SaveAttributes,
): Promise<string> {
  const body = await openBody(file, keepingOf(plan));
  try {
    return await tryProposals(plan, proposals, body, attributes);
  } finally {
    await body.close();
  }
}

/** True when the store itself can refuse to overwrite with a body of this size. */
export function refusesToOverwrite({ put, parts }: Capabilities, size: number | undefined): boolean {
  if (!put.conditions.includes('ifNoneMatch')) return false;
  if (parts === undefined || parts.conditions.includes('ifNoneMatch')) return true;
  return size !== undefined && size <= put.maxBytes;
}

/** Streams are kept when another name may have to be tried after they were sent. */
function keepingOf({ container, overwrites, maxMemoryBytes, temporaryDirectory }: SavePlan): KeepOptions | undefined {
  const { capabilities } = container.storage;
  if (overwrites || !refusesToOverwrite(capabilities, 0)) return undefined;
  return {
    maxMemoryBytes,
    temporaryDirectory: refusesToOverwrite(capabilities, undefined) ? temporaryDirectory : undefined,
  };
}

interface SaveStrategy {
  /** Each put is one that never overwrites. */
  readonly refuses: boolean;
  /** A name is asked for before anything is sent under it. */
  readonly asksFirst: boolean;
}

function strategyFor(
  { container, overwrites, namesAreChosen, maxMemoryBytes }: SavePlan,
  size: number | undefined,
): SaveStrategy {
  if (overwrites) return { refuses: false, asksFirst: false };
  if (!refusesToOverwrite(container.storage.capabilities, size)) return { refuses: false, asksFirst: !namesAreChosen };
  // A body that is dear to send is worth a question before it; a small one is sent at once.
  return { refuses: true, asksFirst: size === undefined || size > maxMemoryBytes };
}

async function tryProposals(
  plan: SavePlan,
  proposals: AsyncIterable<NameProposal>,
  body: SaveBody,
  attributes: SaveAttributes,
): Promise<string> {
  const { refuses, asksFirst } = strategyFor(plan, body.size);
  const options = body.size === undefined ? attributes : { ...attributes, size: body.size };
  let tried = 0;
  for await (const { name, key, replace } of proposals) {
    if (++tried > MOST_PROPOSALS) throw noFreeName(name);
    if (asksFirst && !replace && (await plan.container.exists(key, callOptions(attributes)))) continue;
    const condition = refuses && !replace ? { ifNoneMatch: '*' as const } : {};
    try {
      await plan.container.put(key, body.open(), { ...options, ...condition });
      return key;
    } catch (error) {
      if (replace || !isStorageError(error, 'object-exists')) throw error;
      const failure = body.failure();
      if (failure) throw cannotSendAgain(error, failure, plan.temporaryDirectory);
    }
  }
  throw new Error('The proposals ended.');
}

function callOptions({ signal, timeoutMs }: SaveAttributes): Pick<SaveAttributes, 'signal' | 'timeoutMs'> {
  return { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
}

function noFreeName(name: string): SuspiciousFileOperation {
  return new SuspiciousFileOperation(
    `Storage can not find an available filename for "${name}": ${MOST_PROPOSALS} proposed names were taken.`,
  );
}

function cannotSendAgain(taken: StorageError, failure: Error, directory: string): StorageError {
  const { provider, container, key, requestId, status } = taken;
  return new StorageError(
    'object-exists',
    `Somebody else stored "${key}" while its content was sent, and the stream could not be kept in ${directory} to be sent ` +
      `under another name (${failure.message}). Nothing was stored. Give FILE_UPLOAD_TEMP_DIR room, or save a file.`,
    { provider, container, key, requestId, status, operation: 'save', cause: failure },
  );
}
