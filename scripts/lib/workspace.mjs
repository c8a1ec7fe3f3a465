import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {Readonly<Record<string, string>>} Ranges
 * @typedef {{ types?: string, default?: string } | string} ExportTarget
 * @typedef {{
 *   name: string, version: string, private?: boolean, license?: string, type?: string, main?: string,
 *   keywords?: string[], files?: string[], engines?: Ranges, exports?: Record<string, ExportTarget>,
 *   sideEffects?: boolean, packageManager?: string, scripts?: Ranges, publishConfig?: Ranges,
 *   repository?: { type?: string, url?: string, directory?: string },
 *   dependencies?: Ranges, peerDependencies?: Ranges, devDependencies?: Ranges, optionalDependencies?: Ranges,
 * }} Manifest
 * @typedef {{ folder: string, path: string, manifest: Manifest }} WorkspacePackage
 */

/** The folder of the repository, without a trailing separator. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** What the tools leave behind between runs: reports, tarballs, the lock. Never committed. */
export const stateFolder = join(root, '.stowage');

/** @param {string} folder @returns {Manifest} */
export function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** @param {string} base @returns {WorkspacePackage[]} the packages of `packages/`, by name */
export function listPackages(base = root) {
  return readdirSync(join(base, 'packages'))
    .filter((folder) => existsSync(join(base, 'packages', folder, 'package.json')))
    .sort()
    .map((folder) => {
      const path = join(base, 'packages', folder);
      return { folder, path, manifest: readManifest(path) };
    });
}

/** @param {string} base @returns {WorkspacePackage[]} */
export function listPublicPackages(base = root) {
  return listPackages(base).filter(({ manifest }) => manifest.private !== true);
}

/** The folders beside `packages/` that are workspace members too; all private. */
export const privateFolders = ['demo', 'docs', 'bench', 'test-servers', 'scripts/runtimes'];

/** @param {string} base @returns {Manifest[]} every manifest of the workspace, the root's first */
export function listManifests(base = root) {
  const others = privateFolders
    .map((name) => join(base, name))
    .filter((path) => existsSync(join(path, 'package.json')));
  return [readManifest(base), ...listPackages(base).map(({ manifest }) => manifest), ...others.map(readManifest)];
}

/** @param {string} folder @param {readonly string[]} extensions @returns {string[]} paths below `folder`, sorted */
export function listFiles(folder, extensions) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => extensions.some((extension) => path.endsWith(extension)))
    .filter(
      (path) => !path.split(sep).some((part) => part === 'node_modules' || part === 'dist' || part === 'fixtures'),
    )
    .sort()
    .map((path) => join(folder, path));
}

/**
 * Prints what was found and ends the process with the fitting status.
 * @param {string} name @param {readonly string[]} problems
 */
export function report(name, problems) {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) console.error(`${name}: ${problems.length} problem${problems.length === 1 ? '' : 's'}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

/** @param {string} url `import.meta.url` of a script @returns {boolean} whether Node was started with that script */
export function isMain(url) {
  return process.argv[1] !== undefined && fileURLToPath(url) === realpathSync(process.argv[1]);
}
