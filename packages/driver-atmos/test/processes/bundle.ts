import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

/** Bundles `transfer.ts` with everything that it imports, so that other processes can run it. */
export async function bundleTransfer(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'stowage-atmos-')));
  const undici = await realpath(fileURLToPath(new URL('../../../http/node_modules/undici', import.meta.url)));
  await mkdir(join(folder, 'node_modules'));
  await symlink(undici, join(folder, 'node_modules', 'undici'), 'junction');
  await build({
    config: false,
    entry: [fileURLToPath(new URL('transfer.ts', import.meta.url))],
    outDir: folder,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    silent: true,
    clean: false,
    external: [/^undici/],
    noExternal: [/^(?!undici)/],
    tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
    outExtension: () => ({ js: '.mjs' }),
  });
  return {
    path: join(folder, 'transfer.mjs'),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
