import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

const packages = new URL('../../../', import.meta.url);

/** Bundles a TypeScript file and everything that it imports into one file of plain JavaScript: no build is needed, sources are. */
async function bundle(entry: string, outDir: string, extension: '.js' | '.mjs'): Promise<string> {
  await build({
    config: false,
    entry: [entry],
    outDir,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    silent: true,
    splitting: false,
    noExternal: [/.*/],
    tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
    outExtension: () => ({ js: extension }),
  });
  return join(outDir, basename(entry, '.ts') + extension);
}

/** Makes a program that many processes can start at once. Returns its path. */
export function bundleProgram(source: URL, folder: string): Promise<string> {
  return bundle(fileURLToPath(source), folder, '.mjs');
}

/** Puts a package of ours into `node_modules` of a folder, as npm would. */
export async function installPackage(name: string, folder: string): Promise<void> {
  const source = new URL(`${name}/`, packages);
  const home = join(folder, 'node_modules', '@stowage', name);
  mkdirSync(home, { recursive: true });
  await bundle(fileURLToPath(new URL('src/index.ts', source)), join(home, 'dist'), '.js');
  writeFileSync(join(home, 'package.json'), readFileSync(new URL('package.json', source)));
}
