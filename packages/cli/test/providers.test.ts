import { expect, it } from 'vitest';
import { makeProject, stowage, writeTree } from './process.js';

const acme = `
  export const driver = { api: 1, type: 'acme', options: {}, presets: { acme_eu: {}, acme_us: {} }, create() {} };`;

function withDriver(name: string, source: string): string {
  const project = makeProject();
  const manifest = { name, version: '2.3.4', type: 'module', exports: './index.js', keywords: ['stowage-driver'] };
  writeTree(project, {
    [`node_modules/${name}/package.json`]: JSON.stringify(manifest),
    [`node_modules/${name}/index.js`]: source,
  });
  return project;
}

it('lists what type can be, with the drivers that are installed', async () => {
  const { stdout } = await stowage(makeProject(), ['providers']);
  expect(stdout).toMatch(/^LOCAL +@stowage\/driver-local +\d+\.\d+\.\d+ +Folder of this machine$/m);
  expect(stdout).toMatch(/^GOOGLE_STORAGE +@stowage\/driver-gcs +no +Google Cloud Storage$/m);
  expect(stdout).toMatch(/^DUMMY +@stowage\/core +built in/m);
  expect(stdout).toMatch(/^AZURE_BLOBS +none of ours +-/m);
});

it('lists drivers of others with their presets', async () => {
  const project = withDriver('@acme/driver-files', acme);
  const { stdout } = await stowage(project, ['providers', '--installed', '--json']);
  const { providers, drivers } = JSON.parse(stdout) as { providers: { type: string }[]; drivers: object[] };
  expect(providers.map(({ type }) => type)).toEqual([
    'LOCAL',
    'DUMMY',
    '@acme/driver-files',
    '@acme/driver-files:acme_eu',
    '@acme/driver-files:acme_us',
  ]);
  expect(drivers).toContainEqual(
    expect.objectContaining({ packageName: '@acme/driver-files', version: '2.3.4', type: 'acme', isOurs: false }),
  );
});

it('tells of a driver that is there and cannot be used', async () => {
  const project = withDriver('stowage-driver-old', acme.replace('api: 1', 'api: 0'));
  const { stdout, code } = await stowage(project, ['providers']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^stowage-driver-old +stowage-driver-old +unusable +.*driver API 0.*Install a newer version/m);
});

it('tells what a store can do, and its limits', async () => {
  const project = makeProject();
  const { stdout } = await stowage(project, ['capabilities', 'one']);
  expect(stdout).toMatch(/^copy +native$/m);
  expect(stdout).toMatch(/^keys\.maxBytes +1024$/m);
  const facts = JSON.parse((await stowage(project, ['capabilities', '--json'])).stdout) as object;
  expect(facts).toMatchObject({
    provider: 'local',
    can: { copy: 'native' },
    capabilities: { list: { order: 'bytes' } },
  });
});
