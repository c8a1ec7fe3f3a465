import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installPackage } from './processes/bundle.js';

const run = promisify(execFile);
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const blockOf = (language: string) => new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(readme)![1]!;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stowage-readme-'));
  await Promise.all(['django-style-adapter', 'driver-local'].map((name) => installPackage(name, folder)));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('the example of the README prints what the README says', async () => {
  writeFileSync(join(folder, 'example.mjs'), blockOf('js'));
  const { stdout, stderr } = await run(process.execPath, ['example.mjs'], { cwd: folder });
  expect(stdout).toBe(blockOf('text'));
  expect(stderr).toBe('');
});
