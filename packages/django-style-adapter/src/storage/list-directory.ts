import type { CallOptions, Container } from '@stowage/core';

/** Hadoop and early Google tools mark an empty directory by an object of its name and this. */
const FOLDER_MARK = '_$folder$';

/**
 * Lists one directory by one listing with a delimiter. The object that marks the directory itself is left out, and so are names
 * that begin with a slash: nothing could be opened by them.
 */
export async function listDirectory(
  container: Container,
  key: string,
  options: CallOptions,
): Promise<[directories: string[], files: string[]]> {
  const prefix = key === '' || key.endsWith('/') ? key.replace(/^\/$/, '') : `${key}/`;
  const directories = new Set<string>();
  const files: string[] = [];
  for await (const page of container.iterateObjects({ ...options, prefix, delimiter: '/' }).pages()) {
    for (const folded of page.prefixes) directories.add(folded.slice(prefix.length, -1));
    for (const object of page.objects) {
      const name = object.key.slice(prefix.length);
      if (name.endsWith(FOLDER_MARK)) directories.add(name.slice(0, -FOLDER_MARK.length));
      else if (name !== '') files.push(name);
    }
  }
  directories.delete('');
  return [[...directories], files];
}
