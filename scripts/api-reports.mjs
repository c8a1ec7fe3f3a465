/**
 * Writes `packages/<name>/etc/<entry>.api.md`, the public signatures of each entry; `--check` only compares.
 * `api-reports.mjs [--check] [package ...]`; the packages must be built.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { listPublicPackages, report, stateFolder } from './lib/workspace.mjs';

/** @typedef {import('./lib/workspace.mjs').WorkspacePackage} WorkspacePackage */

const tempFolder = join(stateFolder, `api-${process.pid}`);

const compilerOptions = {
  target: 'ES2023',
  lib: ['ES2023'],
  types: ['node'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
};

/** @param {WorkspacePackage} pkg @returns {string[]} `dist/<entry>.d.ts` for every entry */
function declarationFiles({ manifest }) {
  return Object.values(manifest.exports ?? {}).flatMap((target) =>
    typeof target === 'object' && target.types ? [target.types] : [],
  );
}

/** @param {WorkspacePackage} pkg @param {string} declarations */
function configure(pkg, declarations) {
  const entry = basename(declarations, '.d.ts');
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(pkg.path, 'package.json'),
    configObject: {
      projectFolder: pkg.path,
      mainEntryPointFilePath: join(pkg.path, declarations),
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions, files: [join(pkg.path, declarations)] } },
      apiReport: {
        enabled: true,
        reportFileName: `${entry}.api.md`,
        reportFolder: join(pkg.path, 'etc'),
        reportTempFolder: join(tempFolder, pkg.folder),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
}

/** @param {WorkspacePackage} pkg @param {string} declarations @param {boolean} checkOnly @returns {string[]} */
function processEntry(pkg, declarations, checkOnly) {
  if (!existsSync(join(pkg.path, declarations))) return [`packages/${pkg.folder}: ${declarations} is not built`];
  /** @type {string[]} */
  const problems = [];
  const result = Extractor.invoke(configure(pkg, declarations), {
    localBuild: !checkOnly,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel === ExtractorLogLevel.Error) problems.push(`packages/${pkg.folder}: ${message.text}`);
    },
  });
  const file = `packages/${pkg.folder}/etc/${basename(declarations, '.d.ts')}.api.md`;
  if (result.apiReportChanged && checkOnly) problems.push(`${file} is out of date; run: npm run api`);
  else if (result.apiReportChanged) console.log(`wrote ${file}`);
  return problems;
}

const names = process.argv.slice(2);
const checkOnly = names[0] === '--check';
if (checkOnly) names.shift();

const problems = [];
for (const pkg of listPublicPackages().filter(({ folder }) => names.length === 0 || names.includes(folder))) {
  mkdirSync(join(pkg.path, 'etc'), { recursive: true });
  mkdirSync(join(tempFolder, pkg.folder), { recursive: true });
  for (const declarations of declarationFiles(pkg)) problems.push(...processEntry(pkg, declarations, checkOnly));
}
rmSync(tempFolder, { recursive: true, force: true });
report('API reports', problems);
