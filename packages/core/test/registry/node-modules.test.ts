import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type DriverFixture,
  installWithNpm,
  installWithPnpm,
  makeFolder,
  packAll,
  removeFolder,
  runNode,
  type Tarballs,
  type Workspace,
} from './trees.js';

/** A driver that also proves that it shares the application's copy of core. */
function workingDriver(type: string, more = ''): string {
  return `
    import { DRIVER_API, StorageError } from '@stowage/core/spi';
    export const driver = { api: DRIVER_API, type: ${JSON.stringify(type)}, options: {}, StorageError, ${more}
      create() { throw new StorageError('unsupported', 'a fixture'); } };`;
}

const fixtures: Readonly<Record<string, DriverFixture>> = {
  '@stowage/driver-s3': { source: workingDriver('s3') },
  '@stowage/driver-gcs': { source: workingDriver('gcs') },
  '@stowage/driver-openstack': { source: workingDriver('openstack') },
  '@stowage/driver-atmos': { source: workingDriver('atmos') },
  '@acme/driver-nested': { source: workingDriver('nested') },
  'stowage-driver-plain': { source: workingDriver('plain', "presets: { plain_eu: { zone: 'eu' } },") },
  'driver-common': {
    manifest: { type: 'commonjs' },
    source: "exports.driver = { api: 1, type: 'common', options: {}, create() {} };",
  },
  '@acme/driver-broken': { source: "import 'dependency-that-is-not-there'; export const driver = {};" },
  '@acme/driver-unbuilt': { manifest: { exports: './dist/index.js' }, source: '' },
  '@acme/driver-future': {
    manifest: { version: '3.1.0', peerDependencies: { '@stowage/core': '^2.0.0' } },
    source: "export const driver = { api: 2, type: 'future', options: {}, create() {} };",
  },
  '@acme/driver-hollow': { source: 'export const storage = {};' },
  '@acme/driver-esm-only': { manifest: { exports: { import: './index.js' } }, source: workingDriver('esm') },
  '@acme/driver-await': { source: 'await 0; export const driver = {};' },
};

/** Tells, as JSON, what each type in its last argument resolves to. `core` and `s3` are the modules as the application sees them. */
const report = `
  function report(core, s3, here) {
    const { types, options } = JSON.parse(process.env.QUESTION ?? process.argv.at(-1));
    const answers = types.map((type) => {
      try {
        const { module, preset } = core.resolveDriver(type, options);
        return { type: module.type, provider: preset.provider, defaults: preset.defaults,
          isSameModule: module === s3.driver, isSameCore: module.StorageError === core.StorageError };
      } catch (error) {
        return { name: error.name, code: error.code, message: error.message };
      }
    });
    console.log(JSON.stringify(answers));
  }`;

const esmApp = `
  import * as core from '@stowage/core';
  import * as s3 from '@stowage/driver-s3';
  ${report}
  report(core, s3);`;

const commonApp = `
  const core = require('@stowage/core');
  const s3 = require('@stowage/driver-s3');
  ${report}
  report(core, s3);`;

interface Answer {
  readonly type?: string;
  readonly provider?: string;
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly isSameModule?: boolean;
  readonly isSameCore?: boolean;
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
}

/** The eleven that it documents (two of them misspelt), the constants that Libcloud removed, and the embedded default. */
const djangoNames = [
  'S3_US_STANDARD_HOST',
  'S3_US_WEST_HOST',
  'S3_US_WEST_OREGON_HOST',
  'S3_EU_WEST_HOST',
  'S3_AP_SOUTHEAST_HOST',
  'S3_AP_NORTHEAST_HOST',
  'GOOGLE_STORAGE',
  'NIMBUS',
  'NINEFOLD',
  'CLOUDFIULES_US',
  'CLOUDFIULES_UK',
  'CLOUDFILES_US',
  'CLOUDFILES_UK',
  'CLOUDFILES_SWIFT',
  'LOCAL',
];

const djangoType = (name: string) => `libcloud.storage.types.Provider.${name}`;

let folder: string;
let tarballs: Tarballs;

beforeAll(async () => {
  folder = await makeFolder();
  tarballs = await packAll(folder, fixtures);
}, 120_000);

afterAll(() => removeFolder(folder));

describe('an application that installed core alone', () => {
  it('reads, for every type of the Django documentation that needs a driver, which one to install', async () => {
    const workspace = join(folder, 'bare');
    const bareApp = `import * as core from '@stowage/core'; ${report} report(core, {});`;
    const app = { dependencies: ['@stowage/core'], files: { 'app.mjs': bareApp } };
    await installWithNpm({ folder: workspace, packages: { app } }, tarballs);
    const types = [...djangoNames.map(djangoType), 'memory'];
    const { stdout } = await runNode(folder, [join(workspace, 'app', 'app.mjs'), JSON.stringify({ types })]);
    const answers = JSON.parse(stdout) as Answer[];
    expect(answers.at(-1)).toMatchObject({ type: 'memory' });
    const commands = answers.slice(0, -1).map(({ code, message = '' }) => [code, /`(.+)`/.exec(message)?.[1]]);
    const install = (family: string) => ['driver-missing', `npm install @stowage/driver-${family}`];
    expect(Object.fromEntries(djangoNames.map((each, index) => [each, commands[index]]))).toEqual({
      S3_US_STANDARD_HOST: install('s3'),
      S3_US_WEST_HOST: install('s3'),
      S3_US_WEST_OREGON_HOST: install('s3'),
      S3_EU_WEST_HOST: install('s3'),
      S3_AP_SOUTHEAST_HOST: install('s3'),
      S3_AP_NORTHEAST_HOST: install('s3'),
      GOOGLE_STORAGE: install('gcs'),
      NIMBUS: install('nimbus'),
      NINEFOLD: install('atmos'),
      CLOUDFIULES_US: install('openstack'),
      CLOUDFIULES_UK: install('openstack'),
      CLOUDFILES_US: install('openstack'),
      CLOUDFILES_UK: install('openstack'),
      CLOUDFILES_SWIFT: install('openstack'),
      LOCAL: install('local'),
    });
  }, 60_000);
});

interface Layout {
  readonly name: string;
  /** A package sees only what it declares itself: core sees no driver, and the application none of its neighbour's. */
  readonly isStrict: boolean;
  readonly install: (workspace: Workspace) => Promise<void>;
}

const pnpmLayout = (name: string, isStrict: boolean, settings: readonly string[]): Layout => ({
  name,
  isStrict,
  install: (workspace) => installWithPnpm(workspace, tarballs, settings),
});

const layouts: readonly Layout[] = [
  { name: 'npm', isStrict: false, install: (workspace) => installWithNpm(workspace, tarballs) },
  pnpmLayout('pnpm', false, []),
  pnpmLayout('pnpm without hoisting', true, ['hoist: false', 'publicHoistPattern: []']),
  pnpmLayout('pnpm with a public hoist pattern', false, ['hoist: false', "publicHoistPattern: ['*driver-*']"]),
  pnpmLayout('pnpm with a hoisted node_modules', false, ['nodeLinker: hoisted']),
];

const neighbourOnly = '@acme/driver-nested';

describe.each(layouts)('drivers in a node_modules made by $name', ({ name, isStrict, install }) => {
  let app: string;
  let neighbour: string;
  let elsewhere: string;

  beforeAll(async () => {
    const workspace = join(folder, name.replaceAll(' ', '-'));
    app = join(workspace, 'app');
    neighbour = join(workspace, 'neighbour');
    elsewhere = join(folder, `${name.replaceAll(' ', '-')}-elsewhere`);
    await mkdir(elsewhere);
    const dependencies = ['@stowage/core', ...Object.keys(fixtures).filter((each) => each !== neighbourOnly)];
    await install({
      folder: workspace,
      packages: {
        app: { dependencies, files: { 'app.mjs': esmApp, 'app.cjs': commonApp } },
        neighbour: { dependencies: ['@stowage/core', neighbourOnly] },
      },
    });
    await symlink(join(app, 'app.mjs'), join(elsewhere, 'linked.mjs'));
    await writeFile(join(elsewhere, 'empty.mjs'), '');
  }, 120_000);

  async function ask(types: readonly string[], args: readonly string[], options: object = {}, cwd = elsewhere) {
    const { stdout, stderr } = await runNode(cwd, [...args, JSON.stringify({ types, options })]);
    expect(stderr).toBe('');
    return JSON.parse(stdout) as Answer[];
  }

  const askApp = (...types: string[]) => ask(types, [join(app, 'app.mjs')]);

  it('resolve every type of the Django documentation, or say which package to install', async () => {
    const answers = await askApp(...djangoNames.map(djangoType));
    const summary = answers.map(({ type, defaults, code, message }) =>
      type === undefined ? [code, /`(.+)`/.exec(message!)?.[1]] : [type, defaults!['region']],
    );
    expect(Object.fromEntries(djangoNames.map((each, index) => [each, summary[index]]))).toEqual({
      S3_US_STANDARD_HOST: ['s3', 'us-east-1'],
      S3_US_WEST_HOST: ['s3', 'us-west-1'],
      S3_US_WEST_OREGON_HOST: ['s3', 'us-west-2'],
      S3_EU_WEST_HOST: ['s3', 'eu-west-1'],
      S3_AP_SOUTHEAST_HOST: ['s3', 'ap-southeast-1'],
      S3_AP_NORTHEAST_HOST: ['s3', 'ap-northeast-1'],
      GOOGLE_STORAGE: ['gcs', undefined],
      NIMBUS: ['driver-missing', 'npm install @stowage/driver-nimbus'],
      NINEFOLD: ['atmos', undefined],
      CLOUDFIULES_US: ['openstack', 'ord'],
      CLOUDFIULES_UK: ['openstack', 'lon'],
      CLOUDFILES_US: ['openstack', 'ord'],
      CLOUDFILES_UK: ['openstack', 'lon'],
      CLOUDFILES_SWIFT: ['openstack', undefined],
      LOCAL: ['driver-missing', 'npm install @stowage/driver-local'],
    });
  });

  it('are found for the application, whether or not core itself can see them', async () => {
    const { stdout } = await runNode(app, [
      '--input-type=module',
      '--eval',
      `import { createRequire } from 'node:module';
       const core = createRequire(createRequire(process.cwd() + '/app.mjs').resolve('@stowage/core'));
       try { core.resolve('@stowage/driver-s3'); console.log('seen'); } catch (error) { console.log(error.code); }`,
    ]);
    expect(stdout.trim()).toBe(isStrict ? 'MODULE_NOT_FOUND' : 'seen');
    expect(await askApp('s3')).toMatchObject([{ type: 's3' }]);
  });

  it.each(['app.mjs', 'app.cjs'])('are the same modules, over the same core, that %s imports', async (file) => {
    const [s3, plain] = await ask(['S3_EU_WEST', 'stowage-driver-plain'], [join(app, file)]);
    expect(s3).toMatchObject({ type: 's3', provider: 's3_eu_west', isSameModule: true, isSameCore: true });
    expect(plain).toMatchObject({ type: 'plain', isSameModule: false, isSameCore: true });
  });

  it("are found by package name, with the package's presets, as ES modules and as CommonJS", async () => {
    expect(
      await askApp('stowage-driver-plain', 'stowage-driver-plain:PLAIN_EU', 'driver-common', 'memory'),
    ).toMatchObject([
      { type: 'plain', provider: 'stowage-driver-plain', defaults: {} },
      { type: 'plain', provider: 'stowage-driver-plain:plain_eu', defaults: { zone: 'eu' } },
      { type: 'common', provider: 'driver-common' },
      { type: 'memory', provider: 'dummy' },
    ]);
  });

  it('fail in words of their own for each reason', async () => {
    const types = [
      '@acme/driver-absent',
      'left-pad',
      '@acme/driver-broken',
      '@acme/driver-unbuilt',
      '@acme/driver-future',
    ];
    types.push('@acme/driver-hollow', '@acme/driver-esm-only', '@acme/driver-await');
    const answers = await askApp(...types);
    expect(answers.map(({ code }) => code)).toEqual([
      'driver-missing',
      'invalid-argument',
      'ERR_MODULE_NOT_FOUND',
      'MODULE_NOT_FOUND',
      'driver-incompatible',
      'driver-incompatible',
      'driver-incompatible',
      'driver-incompatible',
    ]);
    const messages = answers.map(({ message }) => message);
    expect(messages[0]).toContain('npm install @acme/driver-absent');
    expect(messages[1]).toContain('Unknown storage type "left-pad"');
    expect(answers[2]!.name).toBe('Error');
    expect(messages[2]).toContain("Cannot find package 'dependency-that-is-not-there' imported from");
    expect(messages[3]).toContain('index.js');
    expect(messages[4]).toMatch(
      /^@acme\/driver-future 3\.1\.0 was made for driver API 2 \(it fits @stowage\/core \^2\.0\.0\), and @stowage\/core [\d.]+ speaks driver API 1\./,
    );
    expect(messages[5]).toContain(
      '@acme/driver-hollow 1.0.0 is no Stowage driver: it exports no object named "driver"',
    );
    expect(messages[6]).toContain('needs a "default" condition in "exports"');
    expect(messages[7]).toContain('it uses top-level await');
  });

  it('of another package are found with its import.meta.url, or its folder, in resolveFrom', async () => {
    const types = [neighbourOnly, 's3'];
    for (const resolveFrom of [pathToFileURL(join(neighbour, 'plugin.js')).href, neighbour]) {
      const answers = await ask(types, [join(app, 'app.mjs')], { resolveFrom });
      expect(answers).toMatchObject([{ type: 'nested' }, { type: 's3' }]);
    }
    expect(await askApp(neighbourOnly)).toMatchObject([isStrict ? { code: 'driver-missing' } : { type: 'nested' }]);
  });

  it('are found when the application is started through a link in another folder', async () => {
    expect(await ask(['s3'], [join(elsewhere, 'linked.mjs')])).toMatchObject([{ type: 's3' }]);
  });

  it('are found from the working directory when a preload opens the storage and there is no entry', async () => {
    const args = ['--import', pathToFileURL(join(app, 'app.mjs')).href, '--eval', '', '--'];
    expect(await ask(['s3'], args, {}, app)).toMatchObject([{ type: 's3' }]);
  });

  it("are found by resolveFrom when a preload opens the storage for another folder's entry", async () => {
    const args = ['--import', pathToFileURL(join(app, 'app.mjs')).href, join(elsewhere, 'empty.mjs')];
    const found = await ask(['s3'], args, { resolveFrom: join(app, 'app.mjs') });
    expect(found).toMatchObject([{ type: 's3' }]);
    const [unguided] = await ask(['s3'], args);
    expect(unguided).toMatchObject(isStrict ? { code: 'driver-missing' } : { type: 's3' });
  });
});
