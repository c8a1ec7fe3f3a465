import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/lib/workspace.mjs';
import { command, type Ended } from './commands.js';
import { scopedNpmrc } from './registry.js';

/** A way to lay out `node_modules`. */
export interface Layout {
  readonly name: string;
  readonly manager: 'npm' | 'pnpm';
  /** Lines of pnpm-workspace.yaml. */
  readonly settings?: readonly string[];
}

const pnpm = join(root, 'node_modules/pnpm/bin/pnpm.cjs');

/** An application in a fresh folder, which gets its packages from the test's registry. */
export class App {
  readonly folder: string;
  readonly #layout: Layout;

  constructor(
    folder: string,
    layout: Layout,
    registryUrl: string,
    dependencies: Readonly<Record<string, string>> = {},
  ) {
    this.folder = folder;
    this.#layout = layout;
    mkdirSync(folder, { recursive: true });
    this.write({ 'package.json': JSON.stringify({ name: 'app', private: true, type: 'module', dependencies }) });
    this.write({ '.npmrc': scopedNpmrc(registryUrl) });
    if (layout.manager === 'pnpm') {
      const settings = ['packages: []', ...(layout.settings ?? []), ''];
      this.write({ 'pnpm-workspace.yaml': settings.join('\n') });
    }
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(this.folder, name, '..'), { recursive: true });
      writeFileSync(join(this.folder, name), content);
    }
  }

  /** Installs what package.json asks for, or adds packages to it. */
  async install(...packages: readonly string[]): Promise<void> {
    if (this.#layout.manager === 'npm') {
      await command('npm', ['install', '--loglevel=error', ...packages], { cwd: this.folder });
      return;
    }
    const args = packages.length === 0 ? ['install', '--no-frozen-lockfile'] : ['add', ...packages];
    await command(process.execPath, [pnpm, ...args, '--reporter=append-only', '--ignore-scripts'], {
      cwd: this.folder,
    });
  }

  /** Runs a file of the application. */
  node(file: string, args: readonly string[] = [], runtime = process.execPath): Promise<Ended> {
    return command(runtime, [file, ...args], { cwd: this.folder, mayFail: true });
  }

  /** The packages on disk, as `name@version`, each once. */
  installed(): string[] {
    const found = new Set<string>();
    for (const file of filesBelow(join(this.folder, 'node_modules'))) {
      if (!/[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/@]+[\\/]package\.json$/.test(file)) continue;
      const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
      if (name !== undefined) found.add(`${name}@${version ?? ''}`);
    }
    return [...found].sort();
  }

  /** Bytes of all installed files. */
  bytesOnDisk(): number {
    const files = filesBelow(join(this.folder, 'node_modules'));
    return files.reduce((sum, file) => sum + statSync(file).size, 0);
  }
}

/** Regular files only: pnpm links packages that lie elsewhere in the same tree. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
