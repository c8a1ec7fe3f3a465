import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { App, type Layout } from '../src/app.js';
import { command } from '../src/commands.js';
import { npmrc, scopedNpmrc } from '../src/registry.js';

const NAME = '@acme/driver-paper';

const APPLICATION = `
  import { openStorage } from '@stowage/core';
  const storage = openStorage({ type: process.argv[2] });
  const photos = await storage.createContainer('photos');
  await photos.put('a.txt', 'one');
  console.log(JSON.stringify({ provider: storage.provider, text: await photos.object('a.txt').text() }));
  await storage.close();`;

const layouts: readonly Layout[] = [
  { name: 'npm', manager: 'npm' },
  { name: 'pnpm', manager: 'pnpm', settings: ['hoist: false', 'publicHoistPattern: []'] },
  { name: 'pnpm hoisted', manager: 'pnpm', settings: ['nodeLinker: hoisted'] },
];

describe('a driver of somebody else, made by npm create stowage-driver', () => {
  let folder = '';
  const inFolder = (program: string, ...args: readonly string[]) => command(program, args, { cwd: folder });

  beforeAll(async () => {
    const home = join(inject('folder'), 'third-party');
    mkdirSync(home, { recursive: true });
    // The generator needs no other package, so that all of npm may look at this registry only.
    writeFileSync(join(home, '.npmrc'), npmrc(inject('registry')));
    writeFileSync(join(home, 'package.json'), '{ "private": true }');
    await command('npm', ['create', '--yes', 'stowage-driver', NAME], { cwd: home });
    folder = join(home, 'driver-paper');
    writeFileSync(join(folder, '.npmrc'), scopedNpmrc(inject('registry')));
    await inFolder('npm', 'install', '--loglevel=error');
  });

  it('builds, and passes the conformance suite', async () => {
    const { output } = await inFolder('npm', 'test');
    const [, failed, passed] = /Tests +(?:(\d+) failed \| )?(\d+) passed/.exec(stripVTControlCharacters(output)) ?? [];
    expect({ failed, passed: Number(passed) > 200 }).toEqual({ failed: undefined, passed: true });
  });

  it('passes its lint', async () => {
    expect((await inFolder('npm', 'run', 'lint')).status).toBe(0);
  });

  it('does what its README says', async () => {
    await inFolder('npm', 'run', 'build');
    const example = /```js\n(.*?)```/s.exec(readFileSync(join(folder, 'README.md'), 'utf8'))?.[1] ?? '';
    writeFileSync(join(folder, 'example.mjs'), example);
    expect((await inFolder(process.execPath, 'example.mjs')).output).toBe('orange over blue\n');
  });

  describe.each(layouts)('(e) published, and installed by $name', (layout) => {
    let app: App;

    beforeAll(async () => {
      const { output } = await command('npm', ['view', NAME, 'version'], { cwd: folder, mayFail: true });
      const token = npmrc(inject('registry'));
      writeFileSync(join(folder, '.npmrc'), scopedNpmrc(inject('registry')) + token.split('\n').slice(1).join('\n'));
      if (output.includes('E404')) await inFolder('npm', 'publish', '--loglevel=error');
      const dependencies = { '@stowage/core': '^1.0.0', '@stowage/cli': '^1.0.0', [NAME]: '^0.0.0' };
      app = new App(
        join(inject('folder'), 'third-party', layout.name.replaceAll(' ', '-')),
        layout,
        inject('registry'),
        dependencies,
      );
      await app.install();
      app.write({ 'main.js': APPLICATION });
    });

    it.each([
      [NAME, NAME],
      [`${NAME}:small`, `${NAME}:small`],
    ])('is found by its type string %s', async (type, provider) => {
      const { output } = await app.node('main.js', [type]);
      expect(JSON.parse(output)).toEqual({ provider, text: 'one' });
    });

    it('is shown by stowage providers, with its presets', async () => {
      const { stdout } = await app.node('node_modules/@stowage/cli/dist/bin.js', ['providers', '--installed']);
      expect(stdout).toMatch(/^@acme\/driver-paper +@acme\/driver-paper +0\.0\.0 /m);
      expect(stdout).toMatch(/^@acme\/driver-paper:small /m);
    });
  });
});
