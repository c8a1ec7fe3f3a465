import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { CHANGED, PATCHED } from './drivers.js';
import { startRegistry } from './registry.js';
import { requireBuild, WorkspaceCopy } from './workspace-copy.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the registry. */
    readonly registry: string;
    /** Everything that the tests write is below it. */
    readonly folder: string;
    /** The copy of this repository that was released. */
    readonly workspace: string;
    /** What was printed by a dry run, by the first release, by one with changesets that wait, and by the second release. */
    readonly releases: Readonly<Record<'dry' | 'real' | 'refused' | 'second', string>>;
  }
}

/** Starts an empty registry and releases every package into it, by the scripts that `npm run release` uses. */
export async function setup(project: TestProject): Promise<() => void> {
  requireBuild();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stowage-publish-')));
  const registry = await startRegistry(join(folder, 'registry'));
  const stop = (): void => {
    registry.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const workspace = await WorkspaceCopy.make(join(folder, 'workspace'), registry.url);
    await workspace.version();
    const dry = await workspace.release();
    const real = await workspace.release('--publish');
    // One driver is mended, and another one changes so that its users must act.
    workspace.addChangeset('mend-s3', { [PATCHED]: 'patch' });
    workspace.addChangeset('change-other', { [CHANGED]: 'major' });
    const refused = await workspace.releaseRefused();
    await workspace.version();
    const second = await workspace.release('--publish');
    project.provide('registry', registry.url);
    project.provide('folder', folder);
    project.provide('workspace', workspace.folder);
    project.provide('releases', { dry, real, refused, second });
    return stop;
  } catch (error) {
    stop();
    throw error;
  }
}
