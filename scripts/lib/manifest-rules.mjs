import semver from 'semver';

/** @typedef {import('./workspace.mjs').Manifest} Manifest */

const repositoryUrl = 'git+https://github.com/stowage-js/stowage.git';
const requiredFiles = ['dist', 'README.md', 'LICENSE', 'CHANGELOG.md'];
const oldestNode = '20.19.0';

/** @param {[condition: boolean, problem: string][]} checks @returns {string[]} the problems whose condition does not hold */
function failing(checks) {
  return checks.filter(([holds]) => !holds).map(([, problem]) => problem);
}

/** @param {Manifest} manifest @returns {string[]} */
function checkExports(manifest) {
  const entries = Object.entries(manifest.exports ?? {});
  if (entries.length === 0) return ['has no "exports"'];
  return entries.flatMap(([entry, target]) => {
    if (typeof target === 'string')
      return entry === './package.json' ? [] : [`exports["${entry}"] has no "types" condition`];
    const conditions = Object.keys(target);
    return failing([
      [conditions[0] === 'types', `exports["${entry}"] must have "types" as its first condition`],
      [conditions.at(-1) === 'default', `exports["${entry}"] must have "default" as its last condition`],
      [!conditions.includes('require'), `exports["${entry}"] has a "require" condition: there is one copy only, ESM`],
    ]);
  });
}

/** @param {Manifest} manifest @param {string} folder @returns {string[]} what every package of ours must say */
export function checkManifest(manifest, folder) {
  const node = manifest.engines?.['node'];
  // `npm create x` asks for the package `create-x`.
  const name = folder.startsWith('create-') ? folder : `@stowage/${folder}`;
  const problems = failing([
    [manifest.name === name, `name is "${manifest.name}", not "${name}"`],
    [semver.valid(manifest.version) !== null, `version "${manifest.version}" is not a version`],
    [manifest.license === 'Apache-2.0', `license is "${manifest.license}", not "Apache-2.0"`],
    [manifest.type === 'module', 'type is not "module"'],
    [manifest.sideEffects === false, 'sideEffects is not false'],
    [node !== undefined && semver.minVersion(node)?.version === oldestNode, `engines.node is not ">=20.19"`],
    [
      manifest.repository?.type === 'git' && manifest.repository.url === repositoryUrl,
      `repository.url is not ${repositoryUrl}`,
    ],
    [manifest.repository?.directory === `packages/${folder}`, `repository.directory is not "packages/${folder}"`],
    [manifest.publishConfig?.['access'] === 'public', 'publishConfig.access is not "public"'],
    [(manifest.keywords ?? []).length > 0, 'has no keywords'],
  ]);
  const missing = requiredFiles.filter((file) => !manifest.files?.includes(file));
  problems.push(...missing.map((file) => `files lacks "${file}"`), ...checkExports(manifest));
  return problems;
}

/**
 * A tool that several manifests ask for must be asked for in one version.
 * @param {readonly Manifest[]} manifests @returns {string[]}
 */
export function checkSharedRanges(manifests) {
  /** @type {Map<string, { range: string, owner: string }>} */
  const first = new Map();
  const problems = [];
  for (const manifest of manifests) {
    for (const [name, range] of Object.entries(manifest.devDependencies ?? {})) {
      const seen = first.get(name);
      if (!seen) first.set(name, { range, owner: manifest.name });
      else if (seen.range !== range)
        problems.push(`${name}: "${seen.range}" in ${seen.owner}, "${range}" in ${manifest.name}`);
    }
  }
  return problems;
}

/** pnpm is pinned twice: for the first install, and for every later run without network. @param {Manifest} manifest the root's */
export function checkPackageManager(manifest) {
  const installed = `pnpm@${manifest.devDependencies?.['pnpm']}`;
  return failing([
    [
      manifest.packageManager === installed,
      `packageManager is "${manifest.packageManager}", devDependencies has ${installed}`,
    ],
  ]);
}

/**
 * A lock file that names a host binds everyone to that host.
 * @param {string} lockFile its text @param {string} path for messages @returns {string[]}
 */
export function checkLockFile(lockFile, path = 'pnpm-lock.yaml') {
  return lockFile
    .split('\n')
    .map((text, index) => ({ text, line: index + 1 }))
    .filter(({ text }) => /https?:\/\/|\btarball:/.test(text))
    .map(({ line }) => `${path}:${line}: holds an address of a registry`);
}
