import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

/** Bundles a TypeScript program with everything that it imports, so that many processes can start it at once. Returns its path. */
export async function bundleProgram(name: string, folder: string): Promise<string> {
  const entry = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  await build({
    config: false,
    entry: [entry],
    outDir: folder,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    silent: true,
    splitting: false,
    noExternal: [/.*/],
    tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
    outExtension: () => ({ js: '.mjs' }),
  });
  return join(folder, `${basename(entry, '.ts')}.mjs`);
}
