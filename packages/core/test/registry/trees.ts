import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsup';

/** Real applications in a temporary folder, with real `node_modules`, made without any registry. */

const runFile = promisify(execFile);
const corePackage = fileURLToPath(new URL('../../', import.meta.url));

/** Settings of whoever runs the tests, such as `npm test` itself, must not reach the package managers below. */
export const cleanEnvironment: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|pnpm_|node_options$|node_path$|vitest)/i.test(name)),
);

export interface DriverFixture {
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly source: string;
}

/** A workspace of packages that depend on nothing of each other. */
export interface Workspace {
  readonly folder: string;
  /** Folder -> package. */
  readonly packages: Readonly<Record<string, WorkspacePackage>>;
}

export interface WorkspacePackage {
  readonly dependencies: readonly string[];
  /** File name -> content. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Where packed packages lie, by package name. */
export type Tarballs = ReadonlyMap<string, string>;

export async function makeFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), 'stowage-trees-')));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Packs core as it is in `src`, with its one dependency inside, and every fixture. */
export async function packAll(folder: string, drivers: Readonly<Record<string, DriverFixture>>): Promise<Tarballs> {
  const sources = join(folder, 'sources');
  const names = Object.keys(drivers);
  await Promise.all([
    buildCore(join(sources, 'core')),
    ...names.map((name, index) => writeDriver(join(sources, `driver-${index}`), name, drivers[name]!)),
  ]);
  const folders = ['core', ...names.map((_, index) => `driver-${index}`)].map((name) => `./${name}`);
  const { stdout } = await npm(sources, ['pack', '--json', '--pack-destination', folder, ...folders]);
  const packed = JSON.parse(stdout) as { name: string; filename: string }[];
  return new Map(packed.map(({ name, filename }) => [name, join(folder, filename)]));
}

async function buildCore(folder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(corePackage, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { dependencies: _, devDependencies: __, scripts: ___, ...published } = manifest;
  await writePackage(folder, published, {});
  await build({
    config: false,
    entry: ['index', 'spi', 'memory'].map((name) => join(corePackage, 'src', `${name}.ts`)),
    outDir: join(folder, 'dist'),
    format: 'esm',
    target: 'node20',
    noExternal: [/./],
    silent: true,
  });
  await cp(join(corePackage, 'README.md'), join(folder, 'README.md'));
}

async function writeDriver(folder: string, name: string, { manifest, source }: DriverFixture): Promise<void> {
  const standard = {
    name,
    version: '1.0.0',
    type: 'module',
    exports: './index.js',
    peerDependencies: { '@stowage/core': '*' },
  };
  await writePackage(folder, { ...standard, ...manifest }, { 'index.js': source });
}

async function writePackage(folder: string, manifest: object, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

async function writeWorkspace({ folder, packages }: Workspace, tarballs: Tarballs): Promise<void> {
  await writePackage(folder, { name: 'workspace', private: true, workspaces: Object.keys(packages) }, {});
  for (const [name, { dependencies: names, files = {} }] of Object.entries(packages)) {
    const dependencies = Object.fromEntries(names.map((each) => [each, `file:${tarballs.get(each)!}`]));
    await writePackage(join(folder, name), { name, version: '1.0.0', private: true, dependencies }, files);
  }
}

export async function installWithNpm(workspace: Workspace, tarballs: Tarballs): Promise<void> {
  await writeWorkspace(workspace, tarballs);
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  await npm(workspace.folder, ['install', '--offline', '--legacy-peer-deps', ...quiet]);
}

/** `settings` are lines of pnpm-workspace.yaml, such as `hoist: false`. */
export async function installWithPnpm(
  workspace: Workspace,
  tarballs: Tarballs,
  settings: readonly string[],
): Promise<void> {
  await writeWorkspace(workspace, tarballs);
  const packages = ['packages:', ...Object.keys(workspace.packages).map((folder) => `  - ${folder}`)];
  const peers = ['autoInstallPeers: false', 'strictPeerDependencies: false'];
  await writeFile(join(workspace.folder, 'pnpm-workspace.yaml'), [...packages, ...peers, ...settings, ''].join('\n'));
  const pnpm = join(dirname(createRequire(import.meta.url).resolve('pnpm')), 'bin', 'pnpm.cjs');
  const store = join(dirname(workspace.folder), 'pnpm-store');
  const args = [
    pnpm,
    'install',
    '--offline',
    '--ignore-scripts',
    '--store-dir',
    store,
    '--cache-dir',
    `${store}-cache`,
  ];
  await runFile(process.execPath, args, { cwd: workspace.folder, env: { ...cleanEnvironment, CI: '1' } });
}

function npm(cwd: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const env = {
    ...cleanEnvironment,
    npm_config_userconfig: join(cwd, '.npmrc'),
    npm_config_cache: join(cwd, '.npm-cache'),
  };
  return runFile('npm', args, { cwd, env, shell: process.platform === 'win32' });
}

/** Runs Node with these arguments; rejects when it fails. */
export async function runNode(cwd: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return runFile(process.execPath, args, { cwd, env: cleanEnvironment });
}
