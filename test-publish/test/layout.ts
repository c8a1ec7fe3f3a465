import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { S3Emulator } from '@stowage/emulators';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { root } from '../../scripts/lib/workspace.mjs';
import { App, type Layout } from '../src/app.js';
import { command, runtimes } from '../src/commands.js';
import { CHANGED, CHANGED_SETTINGS, PATCHED } from '../src/drivers.js';
import {
  LOCAL_APP,
  S3_APP,
  S3_APP_BUNDLED,
  S3_APP_COMMONJS,
  TYPED_APP,
  WHICH_DRIVERS,
  WRONGLY_TYPED,
} from '../src/programs.js';

const ADAPTER = '@stowage/django-style-adapter';
const LOCAL = '@stowage/driver-local';

/** What adapter and driver-s3, with the vendor's SDK, may take on disk: 11.3 MB when it was measured, and a tenth more. */
const MAX_S3_BYTES = 12_500_000;
/** Adapter and driver-local: 0.71 MB when it was measured, and a tenth more. */
const MAX_LOCAL_BYTES = 800_000;

const kB = (bytes: number): string => `${Math.ceil(bytes / 1000)} kB`;
const ours = (app: App): string[] => app.installed().filter((name) => name.startsWith('@stowage/'));

/** Tests (a) to (i) but (e), over packages that one package manager has laid out in one way. */
export function testLayout(layout: Layout): void {
  const at = (name: string, dependencies?: Readonly<Record<string, string>>): App =>
    new App(join(inject('folder'), layout.name.replaceAll(' ', '-'), name), layout, inject('registry'), dependencies);

  describe(layout.name, () => {
    let server: S3Emulator;
    let s3Arguments: string[] = [];
    let app: App;

    beforeAll(async () => {
      server = await S3Emulator.start();
      s3Arguments = [server.endpoint, server.account.accessKey, server.account.secretKey];
      app = at('s3', { [ADAPTER]: '^1.0.0', [PATCHED]: '^1.0.0' });
      await app.install();
      app.write({
        'main.js': S3_APP,
        'main.cjs': S3_APP_COMMONJS,
        'bundled.js': S3_APP_BUNDLED,
        'which.js': WHICH_DRIVERS,
      });
    });
    afterAll(() => server.close());

    let typed: App | undefined;
    const typedApp = async (): Promise<App> => {
      if (typed) return typed;
      typed = at('typed', { '@stowage/core': '^1.0.0', [ADAPTER]: '^1.0.0', [PATCHED]: '^1.0.0' });
      await typed.install();
      return typed;
    };

    it('(a) adapter and driver-s3 alone do the main job, and no other SDK is on disk', async () => {
      expect(await app.node('main.js', s3Arguments)).toMatchObject({ status: 0, output: '{"content":"one"}\n' });
      expect(ours(app).map((name) => name.slice(0, name.lastIndexOf('@')))).toEqual([
        '@stowage/core',
        ADAPTER,
        PATCHED,
        '@stowage/http',
      ]);
      expect(app.installed().filter((name) => /google|azure|gcloud|minio|openstack|swift/.test(name))).toEqual([]);
      const bytes = app.bytesOnDisk();
      console.log(`${layout.name}: adapter and driver-s3 on disk: ${kB(bytes)}`);
      expect(bytes).toBeLessThanOrEqual(MAX_S3_BYTES);
    });

    it('(b) without the driver, the message is the command that mends it', async () => {
      const bare = at('local', { [ADAPTER]: '^1.0.0' });
      await bare.install();
      bare.write({ 'main.js': LOCAL_APP });
      const { status, output } = await bare.node('main.js');
      const typed = /`npm install (\S+)`/.exec(output)?.[1] ?? '';
      expect({ status, typed }).toEqual({ status: 1, typed: LOCAL });
      if (layout.manager === 'npm') await command('sh', ['-c', `npm install ${typed}`], { cwd: bare.folder });
      else await bare.install(typed);
      expect(await bare.node('main.js')).toMatchObject({ status: 0, output: '{"content":"one"}\n' });
      const bytes = bare.bytesOnDisk();
      console.log(`${layout.name}: adapter and driver-local on disk: ${kB(bytes)}`);
      expect(bare.installed().filter((name) => /undici|aws/.test(name))).toEqual([]);
      expect(bytes).toBeLessThanOrEqual(MAX_LOCAL_BYTES);
    });

    it('(c) an application moves to the new driver-s3 alone, and stays at the major that it has of another', async () => {
      const pinned = at('pinned', {
        '@stowage/core': '1.0.0',
        [ADAPTER]: '1.0.0',
        [CHANGED]: '1.0.0',
        [PATCHED]: '1.0.0',
      });
      await pinned.install();
      const before = pinned.installed();
      await pinned.install(`${PATCHED}@latest`);
      const after = pinned.installed();
      expect(after.filter((name) => !before.includes(name))).toEqual([`${PATCHED}@1.0.1`]);
      // pnpm keeps what it replaced for a while.
      const gone = before.filter((name) => !after.includes(name));
      expect(gone.filter((name) => name !== `${PATCHED}@1.0.0`)).toEqual([]);
      pinned.write({ 'main.js': S3_APP, 'which.js': WHICH_DRIVERS });
      expect(await pinned.node('main.js', s3Arguments)).toMatchObject({ status: 0, output: '{"content":"one"}\n' });
      const providers = {
        one: { ...CHANGED_SETTINGS, bucket: 'bucket-1' },
        two: { type: 'S3_EU_WEST', user: 'u', key: 'k', bucket: 'bucket-1' },
      };
      const { output } = await pinned.node('which.js', [JSON.stringify(providers)]);
      expect(JSON.parse(output)).toMatchObject({
        one: { driver: `${CHANGED}@1.0.0` },
        two: { driver: `${PATCHED}@1.0.1` },
      });
    });

    it('(d) two versions of one driver serve two providers of one application, under two names', async () => {
      const both = at('both', {
        '@stowage/core': '^1.0.0',
        [ADAPTER]: '^1.0.0',
        'driver-old': `npm:${CHANGED}@1.0.0`,
        'driver-new': `npm:${CHANGED}@2.0.0`,
      });
      await both.install();
      both.write({ 'which.js': WHICH_DRIVERS });
      const providers = {
        one: { ...CHANGED_SETTINGS, bucket: 'bucket-1', type: 'driver-old' },
        two: { ...CHANGED_SETTINGS, bucket: 'bucket-1', type: 'driver-new' },
      };
      const { output } = await both.node('which.js', [JSON.stringify(providers)]);
      expect(JSON.parse(output)).toMatchObject({
        one: { driver: 'driver-old@1.0.0' },
        two: { driver: 'driver-new@2.0.0' },
      });
    });

    it('(f) a CommonJS application requires the adapter', async () => {
      expect(await app.node('main.cjs', s3Arguments)).toMatchObject({ status: 0, output: '{"content":"one"}\n' });
    });

    it.each(['Node16', 'NodeNext', 'Bundler'])(
      '(g) TypeScript users compile under moduleResolution %s',
      async (resolution) => {
        // Where a package sees only what it asks for itself, this one asks for core too.
        const isStrict = layout.settings?.includes('hoist: false') ?? false;
        const compiled = isStrict ? await typedApp() : app;
        const problems = await compile(compiled, resolution, [TYPED_APP, ...WRONGLY_TYPED]);
        expect(problems[0]).toEqual([]);
        for (const [index, source] of WRONGLY_TYPED.entries()) expect(problems[index + 1], source).toHaveLength(1);
      },
    );

    it.each(runtimes)('(h) works on Node $major', async ({ path }) => {
      for (const file of ['main.js', 'main.cjs']) {
        expect(await app.node(file, s3Arguments, path)).toMatchObject({ status: 0, output: '{"content":"one"}\n' });
      }
    });

    it('(i) a bundle with explicit drivers runs where nothing is installed', async () => {
      const { build } = createRequire(join(root, 'test-publish/registry/package.json'))('esbuild') as Esbuild;
      const folder = join(app.folder, '..', 'bundle');
      mkdirSync(folder, { recursive: true });
      const outfile = join(folder, 'main.cjs');
      const entryPoints = [join(app.folder, 'bundled.js')];
      await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
      const { output } = await command(process.execPath, [outfile, ...s3Arguments], { cwd: folder });
      expect(output).toBe('{"content":"one"}\n');
    });
  });
}

interface Esbuild {
  readonly build: (options: object) => Promise<unknown>;
}

/** Gives what the compiler says of each of these files of the application. */
async function compile(app: App, resolution: string, sources: readonly string[]): Promise<string[][]> {
  const compilerOptions = {
    target: 'ES2022',
    module: resolution === 'Bundler' ? 'ESNext' : resolution,
    moduleResolution: resolution,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const files = sources.map((_, index) => `app-${index}.ts`);
  sources.forEach((source, index) => app.write({ [`app-${index}.ts`]: source }));
  app.write({ 'tsconfig.json': JSON.stringify({ compilerOptions, files }) });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { output } = await command(process.execPath, [tsc, '-p', '.'], { cwd: app.folder, mayFail: true });
  const problems = output.split('\n').filter((line) => line.includes('error TS'));
  return files.map((file) => problems.filter((line) => line.startsWith(`${file}(`)));
}
