import { join } from 'node:path';
import { run, secondsSince } from './run.mjs';
import { root } from './workspace.mjs';

const cachedSummary = /Cached:\s+(\d+) cached, (\d+) total/;

/** Builds the packages whose sources changed since their last build; turbo compares hashes of the files. */
export async function ensureBuilt() {
  const started = Date.now();
  const turbo = join(root, 'node_modules', '.bin', 'turbo');
  const { status, output } = await run(turbo, ['run', 'build', '--output-logs=errors-only', '--no-color'], {
    quiet: true,
  });
  if (status !== 0) throw new Error(`build failed:\n${output}`);
  const [, cached, total] = cachedSummary.exec(output) ?? [];
  if (cached !== undefined && cached === total) console.log('build: nothing to do');
  else console.log(`build: done (${secondsSince(started)})`);
}
