import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));
const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '../vitest.mjs');

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Runs the tests of one fixture in a process of its own. */
function runFixture(name: string, ...args: readonly string[]): Promise<Report> {
  const command = [
    vitest,
    'run',
    '--root',
    fixtures,
    '--config',
    join(fixtures, 'vitest.config.ts'),
    ...args,
    `${name}/`,
  ];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, { maxBuffer: 2 ** 26, cwd: fixtures }, (_failure, stdout, stderr) => {
      const start = stdout.indexOf('{');
      if (start < 0) reject(new Error(stderr));
      else resolve(JSON.parse(stdout.slice(start)) as Report);
    });
  });
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

  it('turns red for a deviation that has healed', { timeout: 60_000 }, async () => {
    const report = await runFixture('healed', '-t', 'read/stat');
    expect(titles(report, 'failed')).toContainEqual(expect.stringContaining('(read/stat); differs: It was so, once.'));
    expect(titles(report, 'passed')).toContainEqual(expect.stringContaining('(read/stat-missing)'));
  });

  it('refuses a shape with other groups than the driver', { timeout: 60_000 }, async () => {
    const report = await runFixture('unfit', '-t', 'read/stat');
    expect(report.numPassedTests).toBe(0);
  });
});
