/**
 * Builds the documentation site: the API reference out of the sources into `docs/api`, then the pages of `docs` by VitePress.
 * `docs.mjs dev` serves it and follows changes instead; `docs.mjs preview` serves what was built.
 */
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './lib/run.mjs';
import { listPublicPackages, root } from './lib/workspace.mjs';

const docs = join(root, 'docs');
const requireFromDocs = createRequire(join(docs, 'package.json'));

/** Programs, not libraries: they have nothing to import. */
const programs = new Set(['@stowage/cli', 'create-stowage-driver']);

/** @returns {Map<string, string>} source file of each entry -> the name that users import */
function listEntries() {
  /** @type {Map<string, string>} */
  const entries = new Map();
  for (const { path, manifest } of listPublicPackages()) {
    if (programs.has(manifest.name)) continue;
    for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
      const file = typeof target === 'object' ? target.default : undefined;
      if (file?.endsWith('.js')) {
        entries.set(join(path, 'src', `${basename(file, '.js')}.ts`), `${manifest.name}${entry.slice(1)}`);
      }
    }
  }
  return entries;
}

/** @type {Readonly<Record<string, unknown>>} */
const typedocOptions = {
  tsconfig: join(docs, 'tsconfig.json'),
  plugin: [requireFromDocs.resolve('typedoc-plugin-markdown')],
  readme: 'none',
  name: 'API reference',
  // The compiler has its own step, and links to lines would change with every commit.
  skipErrorChecking: true,
  disableSources: true,
  disableGit: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  logLevel: 'Error',
  // Options of typedoc-plugin-markdown: one page for each entry.
  router: 'module',
  entryFileName: 'index',
  flattenOutputFiles: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  sanitizeComments: true,
};

async function writeApiReference() {
  const { Application } = await import(pathToFileURL(requireFromDocs.resolve('typedoc')).href);
  const entries = listEntries();
  const app = await Application.bootstrapWithPlugins({ ...typedocOptions, entryPoints: [...entries.keys()] });
  const points = app.getEntryPoints() ?? [];
  for (const point of points) point.displayName = entries.get(point.sourceFile.fileName) ?? point.displayName;
  const project = app.converter.convert(points);
  if (points.length === 0 || app.logger.hasErrors())
    throw new Error('the API reference cannot be read from the sources');
  await app.outputs.writeOutput({ name: 'markdown', path: join(docs, 'api') }, project);
}

async function main() {
  const [command = 'build', ...args] = process.argv.slice(2);
  if (command !== 'preview') await writeApiReference();
  const vitepress = join(docs, 'node_modules', 'vitepress', 'bin', 'vitepress.js');
  process.exitCode = (await run(process.execPath, [vitepress, command, 'docs', ...args])).status;
}

await main();
