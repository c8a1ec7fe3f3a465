import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { init, parse } from 'es-module-lexer';
import type { DriverManifest } from './driver-manifest.js';

/** `@scope/name` or `name`, of what is written in an import of a package or of one of its entries. */
const PACKAGE_NAME = /^(?:@[^/]+\/)?[^/]+/;

/**
 * Tells which packages the entry, and what it imports of its own package, imports although who installs the package does not get them.
 * Dynamic imports count where they name the package; files that are not there, or are no module, are left to who loads the entry.
 */
export async function importProblems(packageDir: string, entry: string, manifest: DriverManifest): Promise<string[]> {
  const { name, dependencies, peerDependencies, optionalDependencies } = manifest;
  const given = new Set([name, ...Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })]);
  const problems = new Map<string, string>();
  for (const [file, specifiers] of await importsFrom(resolve(packageDir, entry))) {
    for (const specifier of specifiers) {
      const wanted = packageOf(specifier);
      if (wanted === undefined || given.has(wanted) || problems.has(wanted)) continue;
      const message = `${relative(packageDir, file)} imports "${wanted}", which is neither in dependencies nor in peerDependencies`;
      problems.set(wanted, message);
    }
  }
  return [...problems.values()];
}

/** What each file imports, beginning with one and following relative imports. */
async function importsFrom(entry: string): Promise<ReadonlyMap<string, readonly string[]>> {
  await init;
  const found = new Map<string, readonly string[]>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file)) continue;
    const specifiers = specifiersOf(await readFile(file, 'utf8').catch(() => ''));
    found.set(file, specifiers);
    for (const specifier of specifiers.filter((each) => each.startsWith('.'))) {
      queue.push(resolve(dirname(file), specifier));
    }
  }
  return found;
}

function specifiersOf(source: string): readonly string[] {
  try {
    return parse(source)[0].flatMap(({ n }) => (n === undefined ? [] : [n]));
  } catch {
    return [];
  }
}

/** Undefined for what is no package: a file, a part of Node, `#alias`, an address. */
function packageOf(specifier: string): string | undefined {
  if (/^[./#]|^[a-z][a-z0-9+.-]*:/i.test(specifier) || isBuiltin(specifier)) return undefined;
  return PACKAGE_NAME.exec(specifier)?.[0];
}
