import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Options } from 'tsup';

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly default?: string }>>;
}

/** Each `./dist/<entry>.js` that the package exports is built from `src/<entry>.ts`: the manifest is the only list. */
function entriesOf(manifest: Manifest): string[] {
  return Object.values(manifest.exports)
    .map((target) => target.default)
    .filter((file) => file !== undefined && file.endsWith('.js'))
    .map((file) => `src/${basename(file as string, '.js')}.ts`);
}

/** The one way in which every package is built. Run in the package's folder. */
export function packageConfig(overrides: Options = {}): Options {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  return {
    entry: entriesOf(manifest),
    format: 'esm',
    target: 'node20',
    platform: 'node',
    // One copy of every module, whichever entry it is reached by: classes and symbols must be the same.
    splitting: true,
    // `paths` is for the editor and for tests; a build reads the other packages' declarations as a user would.
    dts: { compilerOptions: { paths: {}, incremental: false } },
    sourcemap: false,
    clean: true,
    silent: true,
    ...overrides,
  };
}
