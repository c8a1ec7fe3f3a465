import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

/** Packages of vendors, native code, and what is loaded only for a file that tests do not have: never bundled. */
const VENDORS = /^(?:@aws-sdk\/|@google-cloud\/|google-auth-library|@node-rs\/|yaml$)/;

/** Programs with everything that they import, so that other processes can run them. */
export interface Programs {
  readonly folder: string;
  /** The path of a program by its name. */
  path(name: string): string;
  remove(): Promise<void>;
}

/**
 * Bundles TypeScript programs of the folder `sources` into a folder outside the workspace. Of all packages only undici can be found there: what asks for the
 * vendor's SDK fails.
 */
export async function bundlePrograms(sources: URL, ...names: readonly string[]): Promise<Programs> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'stowage-programs-')));
  const undici = await realpath(fileURLToPath(new URL('../../packages/http/node_modules/undici', import.meta.url)));
  await mkdir(join(folder, 'node_modules'));
  await symlink(undici, join(folder, 'node_modules', 'undici'), 'junction');
  await build({
    config: false,
    entry: names.map((name) => fileURLToPath(new URL(`${name}.ts`, sources))),
    outDir: folder,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    silent: true,
    clean: false,
    external: [/^undici/, VENDORS],
    noExternal: [new RegExp(`^(?!undici|${VENDORS.source.slice(1)})`)],
    tsconfig: fileURLToPath(new URL('../tsconfig.json', import.meta.url)),
    outExtension: () => ({ js: '.mjs' }),
  });
  return {
    folder,
    path: (name) => join(folder, `${basename(name)}.mjs`),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
