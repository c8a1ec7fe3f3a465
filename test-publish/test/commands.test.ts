import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { pages } from '../../scripts/test/pages.js';
import { App } from '../src/app.js';
import { command, shellPath } from '../src/commands.js';

/** Commands for users of applications, each once, in the order in which the pages have them. */
const lines = [
  ...new Set(
    pages
      .flatMap(({ commands }) => commands)
      .flatMap(({ code }) => code.trimEnd().split('\n'))
      .map((line) => (line.split('#')[0] ?? '').trim())
      .filter((line) => /^npm install (?!@acme)|^npx stowage /.test(line)),
  ),
];

describe('the commands of README and docs, typed in one application', () => {
  const app = new App(join(inject('folder'), 'typed'), { name: 'npm', manager: 'npm' }, inject('registry'));

  it.each(lines)('%s', async (line) => {
    await command('sh', ['-c', line], { cwd: app.folder, env: { PATH: shellPath } });
    const named = line.split(' ').filter((word) => word.startsWith('@stowage/'));
    const installed = app.installed().map((name) => name.slice(0, name.lastIndexOf('@')));
    expect(installed).toEqual(expect.arrayContaining(named));
  });

  it('are all that there are', () => expect(lines.length).toBeGreaterThan(10));
});
