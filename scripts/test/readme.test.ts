import { mkdtempSync, readFileSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../lib/run.mjs';
import { root } from '../lib/workspace.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

it('runs the example of the README as it is printed, over the built packages', async () => {
  const app = mkdtempSync(join(tmpdir(), 'stowage-readme-'));
  onTestFinished(() => rmSync(app, { recursive: true, force: true }));
  mkdirSync(join(app, 'node_modules', '@stowage'), { recursive: true });
  for (const name of ['core', 'driver-local'])
    symlinkSync(join(root, 'packages', name), join(app, 'node_modules', '@stowage', name));
  writeFileSync(join(app, 'example.mjs'), /```js\n(.*?)```/s.exec(readme)?.[1] ?? '');
  const { output } = await run(process.execPath, ['example.mjs'], { quiet: true, cwd: app });
  expect(output).toBe('16 Ostend orange over blue\n2026/sunset.txt\n');
});

it('names only packages that are there', () => {
  const linked = [...readme.matchAll(/\]\(packages\/([a-z0-9-]+)\)/g)].map(([, folder]) => folder as string);
  expect(linked.length).toBeGreaterThan(5);
  for (const folder of linked)
    expect(readFileSync(join(root, 'packages', folder, 'README.md'), 'utf8')).toMatch(/^# @stowage\//);
});
