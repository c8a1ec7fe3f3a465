import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a suite that needs a server that does not exist, in a runner of its own. */
function runWithoutServer(ci: string): { counts: { passed: number; failed: number; skipped: number }; output: string } {
  mkdirSync(join(root, '.stowage'), { recursive: true });
  const folder = mkdtempSync(join(root, '.stowage', 'describe-live-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'vitest.config.js'), 'export default {};');
  writeFileSync(
    join(folder, 'absent.test.ts'),
    `import { it } from 'vitest';
     import { describeLive } from '${join(root, 'test-servers/src/describe-live.js')}';
     const server = { name: 'Nowhere', install: 'apt-get install nowhere', isPresent: () => false };
     describeLive('talks to Nowhere', server, () => { it('answers', () => {}); });`,
  );
  const args = [
    'run',
    '--root',
    folder,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${join(folder, 'r.json')}`,
  ];
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
    env: { PATH: process.env['PATH'], CI: ci },
    encoding: 'utf8',
  });
  const report = JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8')) as Record<string, number>;
  const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = report;
  return { counts: { passed, failed, skipped }, output: stdout + stderr };
}

it("skips on a person's machine, with one line saying how to get the server", () => {
  const { counts, output } = runWithoutServer('');
  expect(counts).toEqual({ passed: 0, failed: 0, skipped: 1 });
  expect(output).toContain('Nowhere is absent; get it with: apt-get install nowhere');
});

it('fails in CI when the server is absent', () => {
  const { counts } = runWithoutServer('true');
  expect(counts).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
