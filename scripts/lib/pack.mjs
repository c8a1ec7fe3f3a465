import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';
import { listPublicPackages, root } from './workspace.mjs';

/** @typedef {import('./workspace.mjs').WorkspacePackage & { tarball: string }} PackedPackage */

/**
 * Packs every public package as it would be published (`workspace:` ranges resolved). The packages must be built.
 * @param {string} destination a folder, emptied first
 * @param {(pkg: import('./workspace.mjs').WorkspacePackage) => boolean} [isWanted] default: all
 * @returns {Promise<PackedPackage[]>}
 */
export async function packAll(destination, isWanted = () => true) {
  rmSync(destination, { recursive: true, force: true });
  mkdirSync(destination, { recursive: true });
  const pnpm = join(root, 'node_modules', '.bin', 'pnpm');
  return Promise.all(
    listPublicPackages()
      .filter(isWanted)
      .map(async (pkg) => {
        const tarball = join(destination, `${pkg.folder}.tgz`);
        const { status, output } = await run(pnpm, ['pack', '--out', tarball], { quiet: true, cwd: pkg.path });
        if (status !== 0) throw new Error(`cannot pack ${pkg.folder}:\n${output}`);
        return { ...pkg, tarball };
      }),
  );
}
