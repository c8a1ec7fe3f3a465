import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, { readonly default?: string }>>;
}

const root = fileURLToPath(new URL('.', import.meta.url));

function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

/** `@stowage/core/spi` -> `packages/core/src/spi.ts`, for every entry that a package exports: tests need no build. */
function sourceAliases(): { find: RegExp; replacement: string }[] {
  return readdirSync(join(root, 'packages')).flatMap((folder) => {
    const manifest = readManifest(join(root, 'packages', folder));
    if (!manifest?.exports) return [];
    return Object.entries(manifest.exports)
      .filter(([, target]) => target.default?.endsWith('.js'))
      .map(([entry, target]) => ({
        find: new RegExp(`^${manifest.name}${entry.slice(1)}$`),
        replacement: join(root, 'packages', folder, 'src', `${basename(target.default as string, '.js')}.ts`),
      }));
  });
}

const ignored = ['**/node_modules/**', '**/dist/**', '**/fixtures/**'];
const live = ['{packages/*,demo,test-servers}/test/**/*.live.test.ts'];

export default defineConfig({
  resolve: { alias: sourceAliases() },
  test: {
    testTimeout: 15_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    pool: 'forks',
    // Tests wait more than they work: all cores, where the runner would leave one free.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', '{scripts,demo,test-servers}/test/**/*.test.ts'],
          exclude: [...ignored, ...live],
        },
      },
      {
        extends: true,
        test: {
          name: 'publish',
          include: ['test-publish/test/**/*.test.ts'],
          exclude: ignored,
          globalSetup: ['test-publish/src/global-setup.ts'],
          // Package managers on a busy machine.
          testTimeout: 400_000,
          hookTimeout: 600_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'live',
          include: live,
          exclude: ignored,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
