import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What was typed cannot be done. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** A package that core can find by its name; the last part is the driver's type. */
const DRIVER_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?(?:stowage-)?driver-([a-z][a-z0-9-]*)$/;

const template = fileURLToPath(new URL('../template', import.meta.url));
const ownManifest = new URL('../package.json', import.meta.url);

/** Files that npm would not publish, or would act on, are stored under another name. */
const STORED_AS: Readonly<Record<string, string>> = {
  _github: '.github',
  _changeset: '.changeset',
  _gitignore: '.gitignore',
  '_package.json': 'package.json',
};

export interface Generated {
  readonly folder: string;
  readonly files: readonly string[];
}

/**
 * Writes a driver package into a new folder below `parent`, named as the package without its scope. Throws `RefusedError` for a name that
 * core would not find, and for a folder that is not empty.
 */
export function generateDriver(packageName: string, parent: string): Generated {
  const [, type] = DRIVER_NAME.exec(packageName) ?? [];
  if (type === undefined || packageName.length > 214) {
    throw new RefusedError(
      `"${packageName}" is no name of a driver: write @scope/driver-name, driver-name or stowage-driver-name, in lower case.`,
    );
  }
  const folder = join(parent, packageName.split('/').at(-1) as string);
  if (isTaken(folder)) throw new RefusedError(`${folder} is there already, and not empty.`);
  const words = wordsFor(packageName, type);
  const files = listFiles(template).map((file) => {
    const path = relative(template, file)
      .split(sep)
      .map((part) => STORED_AS[part] ?? part)
      .join(sep);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), replaceWords(readFileSync(file, 'utf8'), words));
    return path;
  });
  return { folder, files: files.sort() };
}

/** What stands in the template -> what the new package has. */
function wordsFor(packageName: string, type: string): Readonly<Record<string, string>> {
  const { devDependencies } = JSON.parse(readFileSync(ownManifest, 'utf8')) as {
    devDependencies: Readonly<Record<string, string>>;
  };
  const words = type.split('-').filter(Boolean);
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return {
    '@acme/driver-pocket': packageName,
    __CORE__: devDependencies['@stowage/core'] ?? '*',
    __TESTKIT__: devDependencies['@stowage/testkit'] ?? '*',
    Pocket: pascal,
    pocketOptions: `${pascal.charAt(0).toLowerCase()}${pascal.slice(1)}Options`,
    pocket: type,
  };
}

function replaceWords(text: string, words: Readonly<Record<string, string>>): string {
  const pattern = new RegExp(Object.keys(words).join('|'), 'g');
  return text.replace(pattern, (word) => words[word] ?? word);
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function isTaken(folder: string): boolean {
  const facts = statSync(folder, { throwIfNoEntry: false });
  return facts !== undefined && !(facts.isDirectory() && readdirSync(folder).length === 0);
}
