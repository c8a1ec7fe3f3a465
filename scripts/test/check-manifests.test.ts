import { describe, expect, it } from 'vitest';
import { checkManifests } from '../check-manifests.mjs';
import { checkLockFile, checkManifest, checkPackageManager, checkSharedRanges } from '../lib/manifest-rules.mjs';
import { temporaryTree } from './temporary-tree.js';

const good = {
  name: '@stowage/driver-x',
  version: '0.1.0',
  license: 'Apache-2.0',
  type: 'module',
  sideEffects: false,
  keywords: ['stowage-driver'],
  files: ['dist', 'README.md', 'LICENSE', 'CHANGELOG.md'],
  engines: { node: '>=20.19' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
  repository: { type: 'git', url: 'git+https://github.com/stowage-js/stowage.git', directory: 'packages/driver-x' },
  publishConfig: { access: 'public' },
  peerDependencies: { '@stowage/core': 'workspace:^' },
};

describe('every package', () => {
  it('accepts a complete manifest', () => {
    expect(checkManifest(good, 'driver-x')).toEqual([]);
  });

  it.each([
    ['another licence', { license: 'MIT' }, 'license is "MIT", not "Apache-2.0"'],
    [
      'another folder',
      { repository: { ...good.repository, directory: 'packages/core' } },
      'repository.directory is not',
    ],
    ['a name that is not the folder', { name: '@stowage/y' }, 'name is "@stowage/y"'],
    ['an older Node', { engines: { node: '>=18' } }, 'engines.node is not ">=20.19"'],
    ['a missing file', { files: ['dist'] }, 'files lacks "README.md"'],
    [
      'no default condition',
      { exports: { '.': { types: './a.d.ts', import: './a.js' } } },
      '"default" as its last condition',
    ],
    [
      'types after default',
      { exports: { '.': { default: './a.js', types: './a.d.ts' } } },
      '"types" as its first condition',
    ],
    ['an entry without types', { exports: { '.': './dist/index.js' } }, 'exports["."] has no "types" condition'],
    ['restricted access', { publishConfig: {} }, 'publishConfig.access is not "public"'],
  ])('refuses %s', (_what, change, problem) => {
    const problems = checkManifest({ ...good, ...change }, 'driver-x');
    expect(problems).toContainEqual(expect.stringContaining(problem));
  });
});

describe('the workspace', () => {
  it('refuses two versions of pnpm', () => {
    const manifest = {
      name: 'stowage',
      version: '0.0.0',
      packageManager: 'pnpm@10.1.0',
      devDependencies: { pnpm: '10.2.0' },
    };
    expect(checkPackageManager(manifest)).toEqual(['packageManager is "pnpm@10.1.0", devDependencies has pnpm@10.2.0']);
  });

  it('refuses two versions of one tool', () => {
    const manifests = ['a', 'b'].map((name, index) => ({
      name,
      version: '1.0.0',
      devDependencies: { tsup: `^8.${index}.0` },
    }));
    expect(checkSharedRanges(manifests)).toEqual(['tsup: "^8.0.0" in a, "^8.1.0" in b']);
  });

  it.each(['https://registry.example/x.tgz', '  resolution: {tarball: x.tgz}'])(
    'refuses %s in the lock file',
    (line) => {
      expect(checkLockFile(`lockfileVersion: '9.0'\n${line}\n`)).toEqual([
        'pnpm-lock.yaml:2: holds an address of a registry',
      ]);
    },
  );

  it('asks for every exported file once the package is built', () => {
    const base = temporaryTree({
      'package.json': { name: 'stowage', version: '0.0.0' },
      'pnpm-lock.yaml': '',
      'packages/core/package.json': { ...good, name: '@stowage/core', version: '0.1.0', peerDependencies: {} },
      'packages/driver-x/package.json': good,
      'packages/driver-x/dist/index.js': '',
      'packages/driver-x/README.md': '',
    });
    const problems = checkManifests(base, { built: true }).filter((line) => line.startsWith('packages/driver-x'));
    expect(problems).toEqual([
      'packages/driver-x: ./dist/index.d.ts does not exist',
      'packages/driver-x: LICENSE does not exist',
      'packages/driver-x: CHANGELOG.md does not exist',
    ]);
  });

  it('is in order in this repository', () => {
    expect(checkManifests()).toEqual([]);
  });
});
