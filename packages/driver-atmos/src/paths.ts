import type { CallContext, ErrorCode, ObjectRef } from '@stowage/core/spi';
import { isDirectoryThere, isRefusal } from './errors.js';
import { aside, encodeContainer, encodeKey, PRIVATE } from './names.js';
import type { AtmosService } from './service.js';
import { sortTags, type TagFacts } from './wire.js';
import { readTags } from './tag-headers.js';

const NAMESPACE = '/rest/namespace/';

export function containerPath(container: string): string {
  return `${NAMESPACE}${encodeContainer(container)}/`;
}

/** Where an object is, unless a directory has this path. */
export function objectPath({ container, key }: ObjectRef): string {
  return containerPath(container) + encodeKey(key);
}

/** Where what is not an object yet is. */
export function privatePath(container: string, name = ''): string {
  return `${containerPath(container)}${PRIVATE}/${name}`;
}

/** The same path as the header of a rename wants it. */
export function renameTarget(path: string): string {
  return path.slice(NAMESPACE.length);
}

/** Works on an object at its own path or, where a directory has that, beside it. */
export async function atObject<T>(ref: ObjectRef, work: (path: string) => Promise<T>): Promise<T> {
  const path = objectPath(ref);
  try {
    return await work(path);
  } catch (error) {
    if (!isDirectoryThere(error)) throw error;
    return work(aside(path));
  }
}

/** What is at a path; undefined for nothing. A directory may be named without its slash. */
export async function lookAt(service: AtmosService, path: string, ctx: CallContext): Promise<TagFacts | undefined> {
  const call = { method: 'GET', resource: path, query: 'metadata/system', notFound: 'object-not-found' } as const;
  try {
    const response = await service.client.send({ ...call, headers: utf8Headers(service) }, ctx);
    return sortTags(readTags(response.header('x-emc-meta'), service.facts.utf8));
  } catch (error) {
    if (isDirectoryThere(error)) return DIRECTORY;
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const DIRECTORY: TagFacts = { ...sortTags([]), system: new Map([['type', 'directory']]) };

export function isMissing(error: unknown): boolean {
  return isRefusal(error, 1003, 1021) || (error as { code?: ErrorCode }).code === 'object-not-found';
}

export function utf8Headers({ facts }: AtmosService): readonly string[] {
  return facts.utf8 ? ['x-emc-utf8', 'true'] : [];
}
