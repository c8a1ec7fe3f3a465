import {
  type CallContext,
  isStorageError,
  type ListRequest,
  type ObjectPage,
  type ObjectRecord,
  StorageError,
} from '@stowage/core/spi';
import { type ListedEntry, listPage } from './directory.js';
import { isRefusal } from './errors.js';
import { decodeDirectory, decodeEntry, encodeKey, PRIVATE } from './names.js';
import { containerPath } from './paths.js';
import type { AtmosService } from './service.js';

/** A directory that is still to be read: its path in the container, and the store's token where it was begun. */
type Step = readonly [path: string, token?: string];

/**
 * Lists the keys of a container: one directory, or a page of it, for each page, and the directories that it names in pages to come.
 * The token says which those are. A prefix and a slash as delimiter spare the directories that hold no wanted key.
 */
export async function listObjects(
  service: AtmosService,
  container: string,
  request: ListRequest,
  ctx: CallContext,
): Promise<ObjectPage> {
  const { prefix = '', limit } = request;
  const [step, ...later] = request.token === undefined ? [startAt(prefix)] : readToken(request.token);
  const [path, token] = step as Step;
  const page = await readDirectory(service, container, path, { token, limit }, ctx);
  if (!page) return { objects: [], prefixes: [], ...next(later) };
  const sorted = sortEntries(service, page.entries, path, request);
  const same: Step[] = page.next === undefined ? [] : [[path, page.next]];
  return { objects: sorted.objects, prefixes: sorted.prefixes, ...next([...sorted.below, ...same, ...later]) };
}

/** What the entries of one directory are to a listing: objects, folded prefixes, or directories to read. */
function sortEntries(
  { facts }: AtmosService,
  entries: readonly ListedEntry[],
  path: string,
  { prefix = '', delimiter }: ListRequest,
): { readonly objects: ObjectRecord[]; readonly prefixes: string[]; readonly below: Step[] } {
  const start = decodeDirectory(path);
  const objects: ObjectRecord[] = [];
  const prefixes: string[] = [];
  const below: Step[] = [];
  for (const entry of entries) {
    if (path === '' && entry.name === PRIVATE) continue;
    const key = start + decodeEntry(entry.name, entry.isDirectory);
    if (!entry.isDirectory) {
      if (key.startsWith(prefix)) objects.push(toRecord(key, entry, facts.name === 'ecs'));
    } else if (delimiter !== undefined && key.endsWith('/') && key.startsWith(prefix) && key !== prefix) {
      prefixes.push(key);
    } else if (key.startsWith(prefix) || prefix.startsWith(key)) {
      below.push([`${path}${entry.name}/`]);
    }
  }
  return { objects, prefixes, below };
}

function next(steps: readonly Step[]): { readonly next?: string } {
  return steps.length === 0 ? {} : { next: Buffer.from(JSON.stringify(steps)).toString('base64url') };
}

/** The directory in which all keys with a prefix lie. */
function startAt(prefix: string): Step {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  // A slash less: the last segment of `a/` is an empty one.
  return [folder === '' ? '' : `${encodeKey(folder.slice(0, -1))}/`];
}

function readToken(token: string): readonly Step[] {
  const steps: unknown = parse(token);
  const isStep = (step: unknown): step is Step =>
    Array.isArray(step) && step.length >= 1 && step.length <= 2 && step.every((part) => typeof part === 'string');
  if (Array.isArray(steps) && steps.length > 0 && steps.every(isStep)) return steps;
  throw new StorageError('invalid-argument', 'The page token is none that this listing gave.');
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** Undefined when the directory is not there, but the container is. */
async function readDirectory(
  service: AtmosService,
  container: string,
  path: string,
  request: { readonly token?: string | undefined; readonly limit?: number | undefined },
  ctx: CallContext,
) {
  try {
    const page = await listPage(service, containerPath(container) + path, request, ctx);
    service.containers.saw(container);
    return page;
  } catch (error) {
    if (path === '' || !isRefusal(error, 1003, 1021)) {
      if (path !== '' && isStorageError(error, 'container-not-found')) return undefined;
      throw error;
    }
    await service.containers.require(container, ctx);
    return undefined;
  }
}

/** Dell ECS has ETags, and does not list them. */
function toRecord(key: string, entry: ListedEntry, hasOwnEtags: boolean): ObjectRecord {
  const { size, etag, modifiedAtMs, createdAtMs, checksums, extra } = entry;
  if (size === undefined)
    throw new StorageError('unknown', 'The store lists objects without their sizes, although it was asked for them.');
  return { key, size, etag: hasOwnEtags ? undefined : etag, modifiedAtMs, createdAtMs, checksums, extra };
}
