import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listPlaces } from '../../src/registry/places.js';
import { resolveDriver } from '../../src/registry/resolve.js';
import { makeFolder, removeFolder } from './trees.js';

const packageName = 'stowage-driver-placed';
const startedFrom = process.argv[1]!;

let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
  for (const owner of ['caller', 'application', 'directory']) {
    const home = join(folder, owner, 'node_modules', packageName);
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'package.json'), JSON.stringify({ name: packageName, exports: './index.js' }));
    const source = `exports.driver = { api: 1, type: '${owner}', options: {}, create() {} };`;
    await writeFile(join(home, 'index.js'), source);
  }
  await symlink(join(folder, 'application', 'app.js'), join(folder, 'command'));
  await writeFile(join(folder, 'application', 'app.js'), '');
});

afterAll(() => removeFolder(folder));

afterEach(() => {
  process.argv[1] = startedFrom;
});

const ownerOf = (options: { resolveFrom?: string; cwd?: string }) => resolveDriver(packageName, options).module.type;

describe('a package that is installed in several places', () => {
  it('is taken from the caller, then from the application, then from the working directory', () => {
    const resolveFrom = pathToFileURL(join(folder, 'caller', 'plugin.js')).href;
    const cwd = join(folder, 'directory');
    process.argv[1] = join(folder, 'application', 'app.js');
    expect(ownerOf({ resolveFrom, cwd })).toBe('caller');
    expect(ownerOf({ cwd })).toBe('application');
    process.argv[1] = join(folder, 'nowhere', 'app.js');
    expect(ownerOf({ cwd })).toBe('directory');
  });

  it.each([
    ['a folder, as in "node ."', ['application']],
    ['a file without its extension', ['application', 'app']],
    ['a link to the file', ['command']],
  ])('is found for an entry that is %s', (_, path) => {
    process.argv[1] = join(folder, ...path);
    expect(ownerOf({ cwd: folder })).toBe('application');
  });
});

describe('listPlaces', () => {
  it('looks from the caller, the application, core itself and the working directory, in this order', () => {
    const places = listPlaces({ resolveFrom: folder, entry: join(folder, 'app.js'), cwd: folder });
    expect(places.map(({ label }) => label)).toEqual([
      '"resolveFrom"',
      'the application',
      '@stowage/core',
      'the working directory',
    ]);
    expect(places[0]!.path).toBe(folder + sep);
    expect(places[3]!.path).toBe(folder + sep);
  });

  it('goes without an application where Node was started without an entry', () => {
    expect(listPlaces({ entry: '-', cwd: folder }).map(({ label }) => label)).toEqual([
      '@stowage/core',
      'the working directory',
    ]);
  });
});
