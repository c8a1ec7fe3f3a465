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

/** Reads the package.json of the package that a file belongs to; undefined when it cannot be found, as in a bundle. */
export function findManifest(file: string, packageName: string): Manifest | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = readManifest(join(folder, 'package.json'));
    if (manifest?.name === packageName) return manifest;
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
