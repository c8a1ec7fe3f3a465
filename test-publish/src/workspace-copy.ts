import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root } from '../../scripts/lib/workspace.mjs';
import { command } from './commands.js';
import { npmrc } from './registry.js';

/**
 * A copy of this repository, built as it is, that is versioned and released by the repository's own scripts: what the tests publish is
 * what `npm run release` would. It is a git repository of its own.
 */
export class WorkspaceCopy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** The copy that global-setup.ts made. */
  static at(folder: string): WorkspaceCopy {
    return new WorkspaceCopy(folder);
  }

  static async make(folder: string, registryUrl: string): Promise<WorkspaceCopy> {
    mkdirSync(folder, { recursive: true });
    const copied = [
      'package.json',
      'pnpm-workspace.yaml',
      'LICENSE',
      '.changeset',
      'scripts',
      'packages',
      'test-servers',
      '.gitignore',
    ];
    for (const name of copied) {
      cpSync(join(root, name), join(folder, name), { recursive: true, verbatimSymlinks: true, filter: isNeeded });
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, '.npmrc'), npmrc(registryUrl));
    const copy = new WorkspaceCopy(folder);
    await copy.#git('init', '--quiet', '--initial-branch', 'main');
    await copy.#commit('a copy');
    return copy;
  }

  /** Writes a changeset, as `npx changeset` does. */
  addChangeset(name: string, bumps: Readonly<Record<string, 'patch' | 'minor' | 'major'>>): void {
    const lines = Object.entries(bumps).map(([packageName, bump]) => `'${packageName}': ${bump}`);
    writeFileSync(join(this.folder, '.changeset', `${name}.md`), `---\n${lines.join('\n')}\n---\n\nA change.\n`);
  }

  /** Does what `npm run release:version` does to manifests and changelogs, and commits it. */
  async version(): Promise<void> {
    await this.#commit('changes');
    const changesets = join(root, 'node_modules/@changesets/cli/bin.js');
    await command(process.execPath, [changesets, 'version'], { cwd: this.folder });
    await this.#commit('versions');
  }

  /** The last step of `npm run release`, after its checks. Gives what it printed. */
  async release(...args: readonly string[]): Promise<string> {
    return (await command(process.execPath, ['scripts/release.mjs', ...args], { cwd: this.folder })).output;
  }

  /** The same where it must refuse. */
  async releaseRefused(): Promise<string> {
    const options = { cwd: this.folder, mayFail: true };
    const { status, output } = await command(process.execPath, ['scripts/release.mjs', '--publish'], options);
    return status === 0 ? `It did not refuse:\n${output}` : output;
  }

  /** Names of the packages that a change of others would give a new version; leaves everything as it was. */
  async wouldMove(bumps: Readonly<Record<string, 'patch' | 'minor' | 'major'>>): Promise<string[]> {
    const report = join(this.folder, 'status.json');
    this.addChangeset('what-if', bumps);
    const args = [join(root, 'node_modules/@changesets/cli/bin.js'), 'status', '--output', 'status.json'];
    await command(process.execPath, args, { cwd: this.folder });
    const { releases } = JSON.parse(readFileSync(report, 'utf8')) as { releases: { name: string; type: string }[] };
    rmSync(report);
    rmSync(join(this.folder, '.changeset', 'what-if.md'));
    return releases
      .filter(({ type }) => type !== 'none')
      .map(({ name }) => name)
      .sort();
  }

  async tags(): Promise<string[]> {
    return (await this.#git('tag', '--list')).split('\n').filter(Boolean);
  }

  async #commit(message: string): Promise<void> {
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--allow-empty', '--message', message);
  }

  async #git(...args: readonly string[]): Promise<string> {
    const who = ['-c', 'user.name=Release test', '-c', 'user.email=release@example.invalid'];
    const { stdout } = await command('git', [...who, '-c', 'commit.gpgSign=false', ...args], { cwd: this.folder });
    return stdout;
  }
}

/** Sources and tests are not published; of `node_modules` only the links between packages matter. */
function isNeeded(path: string): boolean {
  const parts = relative(root, path).split(sep);
  if (parts[0] === 'scripts') return !['runtimes', 'test'].includes(parts[1] ?? '');
  // Some packages are tested with it, and none can be packed while what it asks for has no version.
  if (parts[0] === 'test-servers') return parts.length < 2 || parts[1] === 'package.json';
  if (parts[0] !== 'packages') return true;
  if (['src', 'test', 'etc', '.turbo', 'coverage'].includes(parts[2] ?? '')) return false;
  const at = parts.indexOf('node_modules');
  return at === -1 || parts.length === at + 1 || (parts[at + 1] ?? '').startsWith('@stowage');
}

/** Fails early, and says what to do, where the packages were not built. */
export function requireBuild(): void {
  if (!existsSync(join(root, 'packages/core/dist/index.js'))) {
    throw new Error('The packages are not built: run "npm run test:publish", which builds them, or "npm run build".');
  }
}
