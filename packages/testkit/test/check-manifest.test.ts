import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkManifest } from '@stowage/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const good = {
  name: '@acme/driver-x',
  version: '1.0.0',
  license: 'MIT',
  type: 'module',
  keywords: ['stowage-driver'],
  engines: { node: '>=20.19' },
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  peerDependencies: { '@stowage/core': '^0.1.0' },
};

const goodModule = `export const driver = { api: 1, type: 'x', options: {}, create() { return {}; } };`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stowage-manifest-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function problemsOf(
  manifest: object,
  module = goodModule,
  files: readonly string[] = ['LICENSE'],
): Promise<string[]> {
  await mkdir(join(folder, 'dist'), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'dist/index.js'), module);
  for (const file of files) await writeFile(join(folder, file), 'text');
  return checkManifest(folder);
}

describe('checkManifest', () => {
  it('accepts a complete driver package', async () => {
    expect(await problemsOf(good)).toEqual([]);
  });

  it.each(['stowage-driver-x', 'driver-x', '@acme/stowage-driver-x'])('accepts the name %s', async (name) => {
    expect(await problemsOf({ ...good, name })).toEqual([]);
  });

  it.each(['workspace:^', '^0.1.0 || ^0.2.0'])('accepts the peer range %s', async (range) => {
    expect(await problemsOf({ ...good, peerDependencies: { '@stowage/core': range } })).toEqual([]);
  });

  it.each([
    ['a name that core would not load', { name: 'left-pad' }, "is not a driver's name"],
    ['no keyword', { keywords: ['storage'] }, 'keywords lacks "stowage-driver"'],
    ['CommonJS', { type: undefined }, 'type is not "module"'],
    ['no licence', { license: undefined }, 'has no license'],
    ['no peer on core', { peerDependencies: {} }, 'peerDependencies lacks "@stowage/core"'],
    ['an exact peer', { peerDependencies: { '@stowage/core': '0.1.0' } }, 'is not a caret range'],
    [
      'a peer that excludes this core',
      { peerDependencies: { '@stowage/core': '^99.0.0' } },
      'does not include @stowage/core',
    ],
    ['a peer that is no range', { peerDependencies: { '@stowage/core': '^latest' } }, 'is not a caret range'],
    ['core as a dependency', { dependencies: { '@stowage/core': '^0.1.0' } }, 'two copies of core would meet'],
    ['no engines', { engines: undefined }, 'engines.node is missing'],
    ['an older Node', { engines: { node: '>=18' } }, 'allows versions of Node older than core does'],
    ['no range of Node', { engines: { node: 'new' } }, 'engines.node "new" is not a range'],
    ['no exports', { exports: undefined }, 'has no "exports"'],
    ['no default condition', { exports: { '.': { import: './dist/index.js' } } }, 'has no "default" condition'],
  ])('refuses %s', async (_what, change, problem) => {
    expect(await problemsOf({ ...good, ...change })).toContainEqual(expect.stringContaining(problem));
  });

  it('refuses a package without a file of its licence', async () => {
    expect(await problemsOf(good, goodModule, [])).toEqual(['has no file LICENSE']);
  });

  it.each([
    ['exports no driver', 'export const other = 1;', 'exports no object "driver"'],
    ['exports something else as driver', 'export const driver = {};', 'is no Stowage driver'],
    ['was made for another driver API', goodModule.replace('api: 1', 'api: 99'), 'was made for driver API 99'],
    ['cannot be loaded', `throw new Error('not here');`, 'cannot be used: not here'],
  ])('refuses a module that %s', async (_what, module, problem) => {
    expect(await problemsOf(good, module)).toEqual([expect.stringContaining(problem)]);
  });

  describe('of what the built entry imports', () => {
    const entry = `
      import { readFile } from 'fs/promises';
      import 'node:crypto';
      import '@acme/driver-x/package.json';
      import './more/part.js';
      // import 'in-a-comment';
      const text = "import 'in-a-string'";
      const load = (name) => Promise.all([import('@acme/later/sub/path.js'), import(name)]);
      ${goodModule}`;
    const importing = async (manifest: object): Promise<string[]> => {
      await mkdir(join(folder, 'dist/more'), { recursive: true });
      await writeFile(
        join(folder, 'dist/more/part.js'),
        `export { StorageError } from 'left-pad'; import '../index.js';`,
      );
      return problemsOf(manifest, entry);
    };
    const missing = (name: string): unknown =>
      expect.stringContaining(`imports "${name}", which is neither in dependencies nor in peerDependencies`);

    it('refuses packages that its users do not get', async () => {
      const problems = await importing({ ...good, devDependencies: { 'left-pad': '^1.0.0' } });
      expect(problems).toContainEqual(missing('@acme/later'));
      expect(problems).toContainEqual(missing('left-pad'));
      expect(problems.find((problem) => problem.includes('left-pad'))).toMatch(/^dist[/\\]more[/\\]part\.js/);
      expect(problems.filter((problem) => problem.includes(' imports '))).toHaveLength(2);
    });

    it('accepts dependencies, peers and optional ones', async () => {
      const optionalDependencies = { 'left-pad': '^1.0.0' };
      const problems = await importing({ ...good, dependencies: { '@acme/later': '^1.0.0' }, optionalDependencies });
      expect(problems.filter((problem) => problem.includes(' imports '))).toEqual([]);
    });
  });

  it('rejects a folder without package.json', async () => {
    await expect(checkManifest(folder)).rejects.toThrow('ENOENT');
  });
});
