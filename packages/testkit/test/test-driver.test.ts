import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));
const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Runs the tests of one fixture in a process of its own; resolves with what it prints. */
function run(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const config = join(fixtures, 'vitest.config.ts');
  const command = [vitest, 'run', '--root', fixtures, '--config', config, ...args, `${name}/`];
  const options = { maxBuffer: 2 ** 26, cwd: fixtures, env: { ...process.env, ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, command, options, (_failure, stdout, stderr) => resolve(`${stdout}${stderr}`));
  });
}

async function runFixture(name: string, ...args: readonly string[]): Promise<Report> {
  const printed = await run(name, ['--reporter', 'json', ...args]);
  const [start, end] = [printed.indexOf('{'), printed.lastIndexOf('}')];
  if (start < 0) throw new Error(printed);
  return JSON.parse(printed.slice(start, end + 1)) as Report;
}

function titles({ testResults }: Report, status: string): string[] {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return tests.filter((test) => test.status === status).map(({ fullName }) => fullName);
}

describe('testDriver', () => {
  it('tests the driver of the README, in the lines that the README shows', { timeout: 60_000 }, async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const shown = /```ts\n(import \{ testDriver \}.*?)```/s.exec(readme)?.[1] ?? '';
    expect(shown).toBe(await readFile(join(fixtures, 'acme/conformance.test.ts'), 'utf8'));
    expect(shown.split('\n').length).toBeLessThan(30);

    const report = await runFixture('acme');
    expect(titles(report, 'failed')).toEqual([]);
    expect(report.numPassedTests).toBeGreaterThan(300);
    const deviations = titles(report, 'passed').filter((title) => title.includes('differs:'));
    expect(deviations).toEqual([expect.stringContaining('(copy/keeps-attributes); differs: Acme gives copies')]);
  });

  it(
    'tests a driver against a server that starts with the tests, in the lines of the README',
    { timeout: 60_000 },
    async () => {
      const report = await runFixture('served', '-t', 'faults/|errors/|containers/');
      expect(titles(report, 'failed')).toEqual([]);
      const passed = titles(report, 'passed').join();
      for (const rule of ['truncated-body', 'one-request']) expect(passed).toContain(`faults/${rule}`);
      for (const rule of ['wrong-credentials', 'unreachable', 'no-secret']) expect(passed).toContain(`errors/${rule}`);
    },
  );

  it('turns red for a deviation that has healed', { timeout: 60_000 }, async () => {
    const report = await runFixture('healed', '-t', 'read/stat');
    expect(titles(report, 'failed')).toContainEqual(expect.stringContaining('(read/stat); differs: It was so, once.'));
    expect(titles(report, 'passed')).toContainEqual(expect.stringContaining('(read/stat-missing)'));
  });

  it('refuses a shape with other groups than the driver', { timeout: 60_000 }, async () => {
    const report = await runFixture('unfit', '-t', 'read/stat');
    expect(report.numPassedTests).toBe(0);
  });

  it('closes the harness when clean-up fails, and tells what is left and why', { timeout: 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stowage-begun-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const mark = join(folder, 'closed');
    const printed = await run('begun', ['--reporter', 'dot', '-t', 'read/stat'], { STOWAGE_CLOSED: mark });
    expect(printed).toMatch(/Clean-up: the driver could not delete stowage-test-\w+: not implemented/);
    expect(await readFile(mark, 'utf8')).toBe('closed');
  });
});
