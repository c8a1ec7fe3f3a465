import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The file of a module, from its `import.meta.url`; undefined where a bundler has made a CommonJS file of it. */
export function fileOfModule(url: string | undefined): string | undefined {
  return url?.startsWith('file:') ? fileURLToPath(url) : undefined;
}

/** Reads the package.json of the package of that name that a file belongs to; undefined when there is none, as in a bundle. */
export function findManifest(file: string, packageName: string): Manifest | undefined {
  return findUpwards(file, ({ name }) => name === packageName);
}

/** The same whatever the package is called: an alias may have installed it under another name than its own. */
export function findManifestOf(file: string): Manifest | undefined {
  return findUpwards(file, ({ name, version }) => name !== undefined && version !== undefined);
}

function findUpwards(file: string, isWanted: (manifest: Manifest) => boolean): Manifest | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = readManifest(join(folder, 'package.json'));
    if (manifest && isWanted(manifest)) return manifest;
    if (folder === dirname(folder)) return undefined;
  }
}

function readManifest(path: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}
