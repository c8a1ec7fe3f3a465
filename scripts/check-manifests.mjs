/** Checks every package.json and the lock file. `--built` also asks for every file that `exports` names. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkLockFile, checkManifest, checkPackageManager, checkSharedRanges } from './lib/manifest-rules.mjs';
import { isMain, listManifests, listPublicPackages, readManifest, report, root } from './lib/workspace.mjs';

/** @typedef {import('./lib/workspace.mjs').WorkspacePackage} WorkspacePackage */

/** What only the benchmarks and the registry test need, each keeps in a workspace of its own. */
const lockFiles = ['pnpm-lock.yaml', 'bench/peers/pnpm-lock.yaml', 'test-publish/registry/pnpm-lock.yaml'];

/** @param {WorkspacePackage} pkg @returns {string[]} */
function missingFiles({ manifest, path }) {
  const targets = Object.values(manifest.exports ?? {}).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  const files = [...targets, 'README.md', 'LICENSE', 'CHANGELOG.md'];
  return files.filter((file) => !existsSync(join(path, file))).map((file) => `${file} does not exist`);
}

/** @param {WorkspacePackage} pkg @param {boolean} built @returns {string[]} */
function checkPackage(pkg, built) {
  const { folder, manifest } = pkg;
  const problems = checkManifest(manifest, folder);
  if (built) problems.push(...missingFiles(pkg));
  return problems.map((problem) => `packages/${folder}: ${problem}`);
}

/** @param {string} base the repository's folder @param {{ built?: boolean }} [options] @returns {string[]} */
export function checkManifests(base = root, { built = false } = {}) {
  const packages = listPublicPackages(base);
  return [
    ...packages.flatMap((pkg) => checkPackage(pkg, built)),
    ...checkPackageManager(readManifest(base)),
    ...checkSharedRanges(listManifests(base)),
    ...lockFiles
      .filter((path) => existsSync(join(base, path)))
      .flatMap((path) => checkLockFile(readFileSync(join(base, path), 'utf8'), path)),
  ];
}

if (isMain(import.meta.url)) report('manifests', checkManifests(root, { built: process.argv.includes('--built') }));
