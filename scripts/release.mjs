/**
 * Publishes every package whose version the registry does not have: `npm run release` checks and packs, and says what it would do;
 * `npm run release -- --publish` does it. What fails half-way is gone on with by a second run.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasProvenance, planRelease, publish, tagRelease } from './lib/release.mjs';
import { run } from './lib/run.mjs';
import { root, stateFolder } from './lib/workspace.mjs';

/** Why this tree must not be published. */
async function obstacles() {
  const pending = readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
  const { output } = await run('git', ['status', '--porcelain'], { quiet: true });
  return [
    ...(pending.length > 0
      ? [`${pending.length} changesets are waiting: run "npm run release:version" and commit what it writes`]
      : []),
    ...(output === '' ? [] : ['the work tree has changes: commit them']),
  ];
}

/** @param {boolean} isReal */
async function release(isReal) {
  const problems = await obstacles();
  for (const problem of problems) console.log(`release: ${problem}`);
  if (isReal && problems.length > 0) return 1;
  const { groups, published } = await planRelease(join(stateFolder, 'release'));
  const waiting = groups.flat();
  for (const { manifest } of published) console.log(`is there            ${manifest.name}@${manifest.version}`);
  for (const { manifest, tarball } of waiting) {
    const size = `${Math.ceil(statSync(tarball).size / 1000)} kB`.padStart(8);
    console.log(`${isReal ? 'publish ' : 'would be'}  ${size}  ${manifest.name}@${manifest.version}`);
  }
  if (!isReal) {
    console.log(`release: ${waiting.length} packages would be published. Nothing was; add "-- --publish" to do it.`);
    return 0;
  }
  for (const group of groups) await Promise.all(group.map(publish));
  await tagRelease();
  const how = hasProvenance() ? 'with provenance' : 'without provenance, which this host cannot give';
  console.log(`release: ${waiting.length} packages published, ${how}. Push the tags: git push --follow-tags`);
  return 0;
}

const unknown = process.argv.slice(2).filter((argument) => argument !== '--publish');
if (unknown.length > 0) throw new Error(`unknown argument ${unknown[0]}; known is --publish`);
process.exitCode = await release(process.argv.includes('--publish'));
