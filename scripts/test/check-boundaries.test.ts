import { describe, expect, it } from 'vitest';
import { checkBoundaries } from '../check-boundaries.mjs';
import { temporaryTree } from './temporary-tree.js';

const peerOnCore = { peerDependencies: { '@stowage/core': 'workspace:^' } };

/** A workspace with core, two drivers and the adapter, plus the files of one test. */
function check(files: Readonly<Record<string, string>>, manifests: Readonly<Record<string, object>> = {}): string[] {
  const base = temporaryTree({
    'package.json': { name: 'stowage', devDependencies: { vitest: '^4.0.0' } },
    'packages/core/package.json': { name: '@stowage/core', dependencies: { mime: '^4.0.0' } },
    'packages/driver-a/package.json': { name: '@stowage/driver-a', ...peerOnCore },
    'packages/driver-b/package.json': { name: '@stowage/driver-b', ...peerOnCore },
    'packages/django-style-adapter/package.json': {
      name: '@stowage/django-style-adapter',
      dependencies: { '@stowage/core': 'workspace:^' },
    },
    ...manifests,
    ...files,
  });
  return checkBoundaries(base);
}

describe('between packages', () => {
  it('accepts a driver that imports the driver entry of core, node modules and its own files', () => {
    const source = `import { a } from '@stowage/core/spi';\nimport fs from 'node:fs';\nexport * from './own.js';`;
    expect(check({ 'packages/driver-a/src/index.ts': source })).toEqual([]);
  });

  it.each([
    ['a static import', `import { x } from '@stowage/core';`],
    ['a type-only import', `import type { X } from '@stowage/core';`],
    ['an inline import type', `export type X = import('@stowage/core').X;`],
    ['a re-export', `export { x } from '@stowage/core';`],
    ['a star re-export', `export * from '@stowage/core';`],
    ['a dynamic import', `export const x = await import('@stowage/core');`],
    ['a require call', `export const x = require('@stowage/core');`],
    ['an import assignment', `import x = require('@stowage/core');`],
  ])("refuses %s of core's user entry in a driver", (_kind, statement) => {
    expect(check({ 'packages/driver-a/src/index.ts': `\n${statement}` })).toEqual([
      'packages/driver-a/src/index.ts:2: @stowage/driver-a may import @stowage/core/spi, @stowage/http, not "@stowage/core"',
    ]);
  });

  it('refuses a driver in another driver, by name and by path', () => {
    const problems = check({
      'packages/driver-a/src/by-name.ts': `import '@stowage/driver-b';`,
      'packages/driver-a/src/by-path.ts': `import '../../driver-b/src/index.js';`,
    });
    expect(problems).toEqual([
      expect.stringContaining('by-name.ts:1: @stowage/driver-a may import'),
      expect.stringContaining('by-path.ts:1: "../../driver-b/src/index.js" leaves'),
    ]);
  });

  it('refuses any package of ours in core', () => {
    const problems = check({ 'packages/core/src/registry/load.ts': `await import('@stowage/driver-a');` });
    expect(problems).toEqual([expect.stringContaining('@stowage/core may import no package of ours')]);
  });

  it('refuses the driver entry of core in the adapter', () => {
    const problems = check({ 'packages/django-style-adapter/src/index.ts': `import '@stowage/core/spi';` });
    expect(problems).toEqual([expect.stringContaining('@stowage/django-style-adapter may import @stowage/core, not')]);
  });

  it('refuses a second dependency of core', () => {
    const core = { name: '@stowage/core', dependencies: { mime: '^4.0.0', undici: '^7.0.0' } };
    const problems = check({}, { 'packages/core/package.json': core });
    expect(problems).toEqual(['packages/core: 2 dependencies, at most 1 allowed']);
  });

  it('refuses an undeclared dependency', () => {
    const problems = check({ 'packages/driver-a/src/index.ts': `import { S3 } from '@aws-sdk/client-s3/commands';` });
    expect(problems).toEqual([
      'packages/driver-a/src/index.ts:1: "@aws-sdk/client-s3" is not declared in packages/driver-a/package.json',
    ]);
  });

  it('refuses a development dependency in a source, and accepts it in a test', () => {
    const problems = check({
      'packages/driver-a/src/index.ts': `import 'vitest';`,
      'packages/driver-a/test/index.test.ts': `import 'vitest';\nimport '../src/index.js';`,
    });
    expect(problems).toEqual([expect.stringContaining('src/index.ts:1: "vitest" is not declared')]);
  });

  it('asks for the node: prefix', () => {
    expect(check({ 'packages/driver-a/src/index.ts': `import 'fs';` })).toEqual([
      'packages/driver-a/src/index.ts:1: write "node:fs"',
    ]);
  });

  it('asks for a rule when a package has none', () => {
    const problems = check(
      { 'packages/new-thing/src/index.ts': `import 'left-pad';` },
      { 'packages/new-thing/package.json': { name: '@stowage/new-thing' } },
    );
    expect(problems).toEqual([expect.stringContaining('packages/new-thing has no row')]);
  });
});

describe('inside core', () => {
  const inCore = (path: string, specifier: string) =>
    check({ [`packages/core/src/${path}`]: `import '${specifier}';` });

  it.each([
    ['spi/driver.ts', '../errors/codes.js'],
    ['call/retry.ts', '../spi/driver.js'],
    ['transfer/upload.ts', '../call/caller.js'],
    ['portable/storage.ts', '../registry/resolve.js'],
    ['memory/driver.ts', '../checksum/crc32c.js'],
    ['index.ts', './portable/storage.js'],
    ['errors/storage-error.ts', './codes.js'],
  ])('accepts %s importing %s', (path, specifier) => {
    expect(inCore(path, specifier)).toEqual([]);
  });

  it.each([
    ['errors/codes.ts', '../spi/driver.js', 'core\'s "errors" may import nothing of core, not "spi"'],
    ['spi/driver.ts', '../call/caller.js', 'core\'s "spi" may import errors, not "call"'],
    ['call/caller.ts', '../portable/storage.js', 'not "portable"'],
    ['transfer/upload.ts', '../index.js', 'not "index.ts"'],
    ['memory/driver.ts', '../call/retry.js', 'core\'s "memory" may import errors, spi, checksum, not "call"'],
    ['registry/resolve.ts', '@stowage/core/memory', 'not "memory.ts"'],
  ])('refuses %s importing %s', (path, specifier, reason) => {
    expect(inCore(path, specifier)).toEqual([expect.stringContaining(reason)]);
  });

  it('asks for a row when a folder has none', () => {
    expect(inCore('helpers/x.ts', '../errors/codes.js')).toEqual([
      expect.stringContaining('src/helpers is in no known layer'),
    ]);
  });
});

it('finds nothing to refuse in this repository', () => {
  expect(checkBoundaries()).toEqual([]);
});
