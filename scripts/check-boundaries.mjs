/** Refuses every import that the table in `lib/boundary-rules.mjs` does not allow, and every import that no manifest declares. */
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { coreLayers, ruleFor } from './lib/boundary-rules.mjs';
import { findImports } from './lib/imports.mjs';
import { isMain, listFiles, listPackages, readManifest, report, root } from './lib/workspace.mjs';

/**
 * @typedef {import('./lib/workspace.mjs').WorkspacePackage} WorkspacePackage
 * @typedef {import('./lib/workspace.mjs').Manifest} Manifest
 * @typedef {{ pkg: WorkspacePackage, file: string, isSource: boolean, declared: ReadonlySet<string> }} Place
 */

const sourceExtensions = ['.ts', '.mts', '.js', '.mjs'];
const builtins = new Set(builtinModules);

/** @param {string} specifier `@scope/name/entry` or `name/entry` @returns {string} */
function packageNameOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** @param {Manifest} manifest @param {readonly ('dependencies' | 'peerDependencies' | 'optionalDependencies' | 'devDependencies')[]} kinds */
function namesIn(manifest, kinds) {
  return kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}));
}

/** What a folder of a package may count on: sources on what users get, tests also on development tools. */
function declaredNames(
  /** @type {Manifest} */ manifest,
  /** @type {Manifest} */ rootManifest,
  /** @type {boolean} */ isSource,
) {
  const shipped = namesIn(manifest, ['dependencies', 'peerDependencies', 'optionalDependencies']);
  if (isSource) return new Set(shipped);
  const tools = [...namesIn(manifest, ['devDependencies']), ...namesIn(rootManifest, ['devDependencies'])];
  return new Set([...shipped, ...tools, manifest.name]);
}

/** @param {string} path @param {string} sourceFolder @returns {string} the folder, or the entry file, of core's `src` */
function layerOf(path, sourceFolder) {
  const [first = ''] = relative(sourceFolder, path).split(sep);
  return first.replace(/\.[mc]?js$/, '.ts');
}

/** @param {Place} place @param {string} target absolute path @returns {string | undefined} */
function checkCoreLayer({ pkg, file }, target) {
  const sourceFolder = join(pkg.path, 'src');
  const [from, to] = [layerOf(file, sourceFolder), layerOf(target, sourceFolder)];
  const allowed = coreLayers[from];
  if (!allowed) return `src/${from} is in no known layer of core; add it to scripts/lib/boundary-rules.mjs`;
  if (from === to || allowed.includes(to)) return undefined;
  return `core's "${from}" may import ${allowed.join(', ') || 'nothing of core'}, not "${to}"`;
}

/** @param {Place} place @param {string} specifier @returns {string | undefined} */
function checkRelative(place, specifier) {
  const target = resolve(dirname(place.file), specifier);
  const { pkg, isSource } = place;
  const home = isSource ? join(pkg.path, 'src') : pkg.path;
  if (!target.startsWith(home + sep)) return `"${specifier}" leaves ${relative(dirname(pkg.path), home)}`;
  return isSource && pkg.folder === 'core' ? checkCoreLayer(place, target) : undefined;
}

/** @param {Place} place @param {string} specifier @returns {string | undefined} */
function checkOwnEntry({ pkg, file, isSource }, specifier) {
  if (!isSource) return undefined;
  if (pkg.folder !== 'core') return 'a package does not import itself by name; use a relative path';
  const entry = specifier.slice(pkg.manifest.name.length + 1) || 'index';
  return checkCoreLayer({ pkg, file, isSource, declared: new Set() }, join(pkg.path, 'src', `${entry}.ts`));
}

/** @param {Place} place @param {string} specifier @returns {string | undefined} */
function checkAllowed({ pkg, isSource }, specifier) {
  if (!isSource) return undefined;
  const rule = ruleFor(pkg.folder, pkg.manifest.private === true);
  if (!rule) return `packages/${pkg.folder} has no row in scripts/lib/boundary-rules.mjs`;
  if (specifier.startsWith('@stowage/')) {
    if (rule.stowage.includes('*') || rule.stowage.includes(specifier)) return undefined;
    return `${pkg.manifest.name} may import ${rule.stowage.join(', ') || 'no package of ours'}, not "${specifier}"`;
  }
  if (rule.npm === 'declared' || rule.npm.includes(packageNameOf(specifier))) return undefined;
  return `${pkg.manifest.name} may import ${rule.npm.join(', ') || 'nothing'} from npm, not "${specifier}"`;
}

/** @param {Place} place @param {string} specifier @returns {string | undefined} why this import is refused */
function checkImport(place, specifier) {
  if (specifier.startsWith('node:')) return undefined;
  if (builtins.has(specifier)) return `write "node:${specifier}"`;
  if (specifier.startsWith('.')) return checkRelative(place, specifier);
  if (specifier.startsWith('/') || specifier.startsWith('file:')) return `"${specifier}" is an absolute path`;
  const name = packageNameOf(specifier);
  if (name === place.pkg.manifest.name) return checkOwnEntry(place, specifier);
  const refusal = checkAllowed(place, specifier);
  if (refusal) return refusal;
  return place.declared.has(name)
    ? undefined
    : `"${name}" is not declared in packages/${place.pkg.folder}/package.json`;
}

/** @param {WorkspacePackage} pkg @returns {string[]} */
function checkDependencyCount({ folder, manifest }) {
  const max = ruleFor(folder, manifest.private === true)?.maxDependencies;
  const count = Object.keys(manifest.dependencies ?? {}).length;
  return max !== undefined && count > max ? [`packages/${folder}: ${count} dependencies, at most ${max} allowed`] : [];
}

/** @param {WorkspacePackage} pkg @param {Manifest} rootManifest @param {string} base @returns {string[]} */
function checkPackage(pkg, rootManifest, base) {
  const problems = checkDependencyCount(pkg);
  for (const folder of ['src', 'test']) {
    const isSource = folder === 'src';
    const declared = declaredNames(pkg.manifest, rootManifest, isSource);
    for (const file of listFiles(join(pkg.path, folder), sourceExtensions)) {
      for (const { specifier, line } of findImports(readFileSync(file, 'utf8'), file)) {
        const problem = checkImport({ pkg, file, isSource, declared }, specifier);
        if (problem) problems.push(`${relative(base, file).split(sep).join('/')}:${line}: ${problem}`);
      }
    }
  }
  return problems;
}

/** @param {string} base the repository's folder @returns {string[]} one line for each refused import */
export function checkBoundaries(base = root) {
  const rootManifest = readManifest(base);
  return listPackages(base).flatMap((pkg) => checkPackage(pkg, rootManifest, base));
}

if (isMain(import.meta.url)) report('boundaries', checkBoundaries());
