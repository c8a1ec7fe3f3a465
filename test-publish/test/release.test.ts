import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { listPublicPackages } from '../../scripts/lib/workspace.mjs';
import { CHANGED, PATCHED } from '../src/drivers.js';
import { WorkspaceCopy } from '../src/workspace-copy.js';

const names = listPublicPackages().map(({ manifest }) => manifest.name);

/** `name@version` of the lines that begin with this word. */
function listed(output: string, word: string): string[] {
  return [...output.matchAll(new RegExp(`^${word} +(?:\\d+ kB +)?(\\S+)$`, 'gm'))]
    .map(([, name]) => name as string)
    .sort();
}

it('a dry run says what would be published, and publishes nothing', () => {
  const { dry, real } = inject('releases');
  expect(dry).toContain('Nothing was');
  expect(listed(dry, 'would be')).toEqual(names.map((name) => `${name}@1.0.0`).sort());
  expect(listed(real, 'publish')).toEqual(listed(dry, 'would be'));
});

it('nothing is published while changesets wait', () => {
  expect(inject('releases').refused).toMatch(/2 changesets are waiting.*release:version/);
});

it('a patch of one driver and a major of another publish these two, and move nothing else', () => {
  const { second } = inject('releases');
  expect(listed(second, 'publish')).toEqual([`${CHANGED}@2.0.0`, `${PATCHED}@1.0.1`].sort());
  expect(listed(second, 'is there')).toHaveLength(names.length - 2);
});

it('each release is tagged, and told in the changelog of its package', async () => {
  const workspace = WorkspaceCopy.at(inject('workspace'));
  expect(await workspace.tags()).toEqual(
    expect.arrayContaining([`${PATCHED}@1.0.0`, `${PATCHED}@1.0.1`, `${CHANGED}@2.0.0`]),
  );
  const changelog = readFileSync(join(workspace.folder, 'packages/driver-s3/CHANGELOG.md'), 'utf8');
  expect(changelog).toMatch(/## 1\.0\.1\n\n### Patch Changes\n\n- [0-9a-f]+: A change\./);
});

it('a patch or a minor of core leaves the drivers as they are', async () => {
  const workspace = WorkspaceCopy.at(inject('workspace'));
  for (const bump of ['patch', 'minor'] as const) {
    expect(await workspace.wouldMove({ '@stowage/core': bump })).toEqual(['@stowage/core']);
  }
});
