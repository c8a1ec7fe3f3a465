import { createReadStream } from 'node:fs';
import { type ChecksumAlgorithm, createDigest, StorageError, type StoredObject } from '@stowage/core';
import type { TreeFile } from './tree.js';

/** Asks for what the listing of some stores does not tell. */
export async function withSize(file: TreeFile, signal: AbortSignal): Promise<TreeFile> {
  if (file.size !== undefined || file.object === undefined) return file;
  const object = await file.object.stat({ signal });
  return { ...file, size: object.size, modifiedAtMs: object.lastModified?.getTime(), object };
}

/** Tells whether the target lacks what the source has. By size, then by time: a source that is newer than its copy is copied again. */
export function isChanged(source: TreeFile, target: TreeFile): boolean {
  if (source.size !== target.size) return true;
  return (source.modifiedAtMs ?? Infinity) > (target.modifiedAtMs ?? -Infinity);
}

/** The same by content. Reads files of this machine whole; of objects it asks the store. Throws `unsupported` where it tells no digest. */
export async function isOtherContent(source: TreeFile, target: TreeFile, signal: AbortSignal): Promise<boolean> {
  if (source.size !== target.size) return true;
  const objects = [source.object, target.object].filter((object) => object !== undefined);
  const [first, second] = await Promise.all(objects.map((object) => digestsOf(object, signal)));
  const known = Object.keys(first ?? {}) as ChecksumAlgorithm[];
  const algorithm = known.find((name) => second === undefined || second[name] !== undefined);
  if (algorithm === undefined) throw noDigest(source.name);
  const path = source.path ?? target.path;
  const other = path === undefined ? second?.[algorithm] : await digestOfFile(path, algorithm, signal);
  return first?.[algorithm] !== other;
}

async function digestsOf(
  object: StoredObject,
  signal: AbortSignal,
): Promise<Readonly<Partial<Record<ChecksumAlgorithm, string>>>> {
  if (object.checksums && Object.keys(object.checksums).length > 0) return object.checksums;
  return (await object.stat({ signal })).checksums ?? {};
}

async function digestOfFile(path: string, algorithm: ChecksumAlgorithm, signal: AbortSignal): Promise<string> {
  const digest = createDigest(algorithm);
  for await (const chunk of createReadStream(path, { signal })) digest.update(chunk as Buffer);
  return digest.hex();
}

function noDigest(name: string): StorageError {
  const message = `The store tells no digest of "${name}" that can be compared: sync without --checksum.`;
  return new StorageError('unsupported', message, { operation: 'sync', key: name });
}
