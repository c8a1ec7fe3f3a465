import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { LiveRequirement } from './describe-live.js';

/** Debian keeps servers where an ordinary user's path does not look. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** Where a program is; undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** A live test's need for programs that a Debian package of the given name brings. */
export function installed(packageName: string, ...programs: readonly string[]): LiveRequirement {
  return {
    name: packageName,
    install: `apt-get install --no-install-recommends ${packageName}`,
    isPresent: () => programs.every((program) => findProgram(program) !== undefined),
  };
}
