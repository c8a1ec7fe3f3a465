import type { Container } from '@stowage/core';
import type { Tree, TreeFile } from './tree.js';

/** Lists the objects below a prefix, which ends with a slash or is empty. Marks of empty folders are left out. */
export async function readStoreTree(container: Container, prefix: string, signal: AbortSignal): Promise<Tree> {
  const files = new Map<string, TreeFile>();
  for await (const object of container.iterateObjects({ prefix, signal })) {
    const name = object.key.slice(prefix.length);
    if (name === '' || (name.endsWith('/') && (object.size ?? 0) === 0)) continue;
    files.set(name, { name, size: object.size, modifiedAtMs: object.lastModified?.getTime(), object });
  }
  return { where: 'store', files, skipped: [] };
}
