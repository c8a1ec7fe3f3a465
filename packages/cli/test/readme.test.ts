import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { makeProject } from './process.js';

const run = promisify(execFile);
const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(packageFolder, 'README.md'), 'utf8');

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(page)?.[1] ?? '';
}

/** `$ command` lines, each with what the page says it prints. */
function session(): { readonly command: string; readonly printed: string }[] {
  return block('console')
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const end = text.indexOf('\n');
      return { command: text.slice(0, end), printed: text.slice(end + 1) };
    });
}

it('prints what the README says, command by command', async () => {
  const project = makeProject(JSON.parse(block('json')) as object);
  mkdirSync(join(project, 'node_modules/.bin'), { recursive: true });
  symlinkSync(join(packageFolder, 'dist/bin.js'), join(project, 'node_modules/.bin/stowage'));
  const commands = session();
  expect(commands.length).toBeGreaterThan(4);
  for (const { command, printed } of commands) {
    // npx does no more than find the command, and takes its time.
    const { stdout } = await run('sh', ['-c', command.replace('npx stowage', 'node_modules/.bin/stowage')], {
      cwd: project,
    });
    expect(stdout, command).toBe(printed);
  }
});
