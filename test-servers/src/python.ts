import { execFileSync } from 'node:child_process';
import type { LiveRequirement } from './describe-live.js';

/** The interpreter that Debian's `python3-*` packages belong to; another one may come first on PATH and has none of them. */
export const systemPython = '/usr/bin/python3';

function canImport(modules: readonly string[]): boolean {
  try {
    const probe = `import importlib.util as u, sys; sys.exit(not all(u.find_spec(m) for m in ${JSON.stringify(modules)}))`;
    execFileSync(systemPython, ['-c', probe], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/** Python modules, and the Debian packages that bring them: `pythonModules(['libcloud'], ['python3-libcloud'])`. */
export function pythonModules(modules: readonly string[], packages: readonly string[]): LiveRequirement {
  return {
    name: `Python's ${modules.join(', ')}`,
    install: `apt-get install -y --no-install-recommends ${packages.join(' ')}`,
    isPresent: () => canImport(modules),
  };
}
