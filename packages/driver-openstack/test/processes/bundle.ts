import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

/** Bundles one program of this folder, with everything that it imports but undici, so that another process can run it. */
export async function bundleProgram(name: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'stowage-openstack-')));
  const undici = await realpath(fileURLToPath(new URL('../../../http/node_modules/undici', import.meta.url)));
  await mkdir(join(folder, 'node_modules'));
  await symlink(undici, join(folder, 'node_modules', 'undici'), 'junction');
  await build({
    config: false,
    entry: [fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    outDir: folder,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    silent: true,
    clean: false,
    external: [/^undici/, 'yaml'],
    noExternal: [/^(?!undici|yaml)/],
    tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
    outExtension: () => ({ js: '.mjs' }),
  });
  return {
    path: join(folder, `${name}.mjs`),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
