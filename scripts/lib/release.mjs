import { join } from 'node:path';
import { packAll } from './pack.mjs';
import { run } from './run.mjs';
import { listPublicPackages, root } from './workspace.mjs';

/**
 * @typedef {import('./pack.mjs').PackedPackage} PackedPackage
 * @typedef {import('./workspace.mjs').WorkspacePackage} WorkspacePackage
 */

/** Asks the registry that npm is configured with whether it has this very version. @param {string} name @param {string} version */
async function isPublished(name, version) {
  const { status, output } = await run('npm', ['view', `${name}@${version}`, 'version', '--json'], { quiet: true });
  if (status === 0) return output.includes(version);
  if (output.includes('E404')) return false;
  throw new Error(`cannot ask the registry for ${name}:\n${output}`);
}

/** @param {readonly PackedPackage[]} packages @returns {PackedPackage[][]} packages that need none of the later groups */
export function orderForPublish(packages) {
  const waiting = new Map(packages.map((pkg) => [pkg.manifest.name, pkg]));
  const groups = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(({ manifest }) => {
      const needed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
      return needed.every((name) => name === manifest.name || !waiting.has(name));
    });
    if (ready.length === 0) throw new Error(`packages need each other: ${[...waiting.keys()].join(', ')}`);
    for (const { manifest } of ready) waiting.delete(manifest.name);
    groups.push(ready);
  }
  return groups;
}

/**
 * Finds the packages whose version the registry does not have, and packs them.
 * @param {string} folder emptied first
 * @returns {Promise<{ groups: PackedPackage[][], published: WorkspacePackage[] }>} `groups` can be published one after the other
 */
export async function planRelease(folder) {
  const all = await Promise.all(
    listPublicPackages().map(async (pkg) => ({
      pkg,
      isThere: await isPublished(pkg.manifest.name, pkg.manifest.version),
    })),
  );
  const published = all.filter(({ isThere }) => isThere).map(({ pkg }) => pkg);
  const names = new Set(published.map(({ manifest }) => manifest.name));
  const packed = await packAll(folder, ({ manifest }) => !names.has(manifest.name));
  return { groups: orderForPublish(packed), published };
}

/** Whether the host that runs this can vouch for where a package was built. https://docs.npmjs.com/generating-provenance-statements */
export function hasProvenance(environment = process.env) {
  return Boolean(environment.ACTIONS_ID_TOKEN_REQUEST_URL ?? environment.SIGSTORE_ID_TOKEN);
}

/** Publishes the very tarball that was checked. @param {PackedPackage} pkg */
export async function publish({ tarball, manifest }) {
  const provenance = hasProvenance() ? ['--provenance'] : [];
  const { status, output } = await run('npm', ['publish', tarball, '--access', 'public', ...provenance], {
    quiet: true,
  });
  if (status !== 0) throw new Error(`cannot publish ${manifest.name}@${manifest.version}:\n${output}`);
}

/** Writes a tag `name@version` for each package that has none, and says which: hosts read that to make releases of them. */
export async function tagRelease() {
  const { status, output } = await run(process.execPath, [join(root, 'node_modules/@changesets/cli/bin.js'), 'tag'], {
    quiet: true,
  });
  if (status !== 0) throw new Error(`cannot write the tags:\n${output}`);
  console.log(output.trimEnd());
}
