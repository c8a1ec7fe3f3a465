import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { pages } from '../../scripts/test/pages.js';
import { App, type Layout } from '../src/app.js';
import { command, shellPath } from '../src/commands.js';
import { PAPER_APP } from '../src/programs.js';
import { npmrc, scopedNpmrc } from '../src/registry.js';

const NAME = '@acme/driver-paper';
/** A driver for a core that is not there yet. */
const FUTURE = '@acme/driver-future';

/** Lines of the shell blocks of a page. */
function commandsOf(file: string): string[] {
  const page = pages.find((candidate) => candidate.file === file);
  return page?.commands.flatMap(({ code }) => code.trimEnd().split('\n')) ?? [];
}

const guide = commandsOf('docs/writing-a-driver.md');
const [create = '', enter = '', install = '', test = '', lint = ''] = guide;

/** Types a command of the guide; `npm create` asks whether it may. */
const type = (line: string, cwd: string) =>
  command('sh', ['-c', line], { cwd, env: { PATH: shellPath, npm_config_yes: 'true' } });

const layouts: readonly Layout[] = [
  { name: 'npm', manager: 'npm' },
  { name: 'pnpm', manager: 'pnpm', settings: ['hoist: false', 'publicHoistPattern: []'] },
  { name: 'pnpm hoisted', manager: 'pnpm', settings: ['nodeLinker: hoisted'] },
];

describe('a driver of somebody else, made by npm create stowage-driver', () => {
  let folder = '';
  const inFolder = (program: string, ...args: readonly string[]) => command(program, args, { cwd: folder });

  /** Publishes a package that the generator made, unless the registry has it. */
  async function publish(name: string, from: string): Promise<void> {
    const token = npmrc(inject('registry'));
    writeFileSync(join(from, '.npmrc'), scopedNpmrc(inject('registry')) + token.split('\n').slice(1).join('\n'));
    const { output } = await command('npm', ['view', name, 'version'], { cwd: from, mayFail: true });
    if (output.includes('E404')) await command('npm', ['publish', '--loglevel=error'], { cwd: from });
  }

  beforeAll(async () => {
    const home = join(inject('folder'), 'third-party');
    mkdirSync(home, { recursive: true });
    // The generator needs no other package, so that all of npm may look at this registry only.
    writeFileSync(join(home, '.npmrc'), npmrc(inject('registry')));
    writeFileSync(join(home, 'package.json'), '{ "private": true }');
    await type(create, home);
    folder = join(home, enter.replace('cd ', ''));
    writeFileSync(join(folder, '.npmrc'), scopedNpmrc(inject('registry')));
    await type(install, folder);
  });

  it('is made, installed, tested and linted by the commands of the guide, which its README has too', () => {
    expect(guide).toEqual([
      `npm create stowage-driver ${NAME}`,
      'cd driver-paper',
      'npm install',
      'npm test',
      'npm run lint',
    ]);
    expect(guide).toEqual(expect.arrayContaining(commandsOf('packages/create-stowage-driver/README.md')));
  });

  it('builds, and passes the conformance suite', async () => {
    const { output } = await type(test, folder);
    const [, failed, passed] = /Tests +(?:(\d+) failed \| )?(\d+) passed/.exec(stripVTControlCharacters(output)) ?? [];
    expect({ failed, passed: Number(passed) > 200 }).toEqual({ failed: undefined, passed: true });
  });

  it('passes its lint', async () => {
    expect((await type(lint, folder)).status).toBe(0);
  });

  it('does what its README says', async () => {
    // What was built of sources that are gone is not published.
    writeFileSync(join(folder, 'dist/gone.js'), '');
    await inFolder('npm', 'run', 'build');
    expect(existsSync(join(folder, 'dist/gone.js'))).toBe(false);
    const example = /```js\n(.*?)```/s.exec(readFileSync(join(folder, 'README.md'), 'utf8'))?.[1] ?? '';
    writeFileSync(join(folder, 'example.mjs'), example);
    expect((await inFolder(process.execPath, 'example.mjs')).output).toBe('orange over blue\n');
  });

  it('is refused with the versions that fit when it was built for another driver API', async () => {
    const home = join(folder, '..');
    await type(create.replace(NAME, FUTURE), home);
    const future = join(home, 'driver-future');
    symlinkSync(join(folder, 'node_modules'), join(future, 'node_modules'));
    const edit = (file: string, from: string | RegExp, to: string): void => {
      const text = readFileSync(join(future, file), 'utf8');
      expect(text).toMatch(from);
      writeFileSync(join(future, file), text.replace(from, to));
    };
    edit('src/index.ts', 'api: DRIVER_API', 'api: 99');
    edit('package.json', /("peerDependencies": \{\s*"@stowage\/core": )"[^"]+"/, '$1"^99.0.0"');
    await publish(FUTURE, future);

    const dependencies = { '@stowage/core': '^1.0.0', [FUTURE]: '^0.0.0' };
    const app = new App(join(home, 'future-app'), layouts[0] as Layout, inject('registry'), dependencies);
    // npm itself refuses the pair, unless it is told not to.
    await expect(app.install()).rejects.toThrow(/@stowage\/core@"?\^99\.0\.0/);
    await app.install('--legacy-peer-deps');
    app.write({ 'main.js': PAPER_APP.replace(NAME, FUTURE) });
    const { status, output } = await app.node('main.js');
    expect(status).toBe(1);
    expect(output).toContain(
      `${FUTURE} 0.0.0 was made for driver API 99 (it fits @stowage/core ^99.0.0), and @stowage/core 1.0.0 speaks driver API 1. ` +
        'Update @stowage/core, or install an older version of the driver that was made for driver API 1.',
    );
    expect(output).toContain("code: 'driver-incompatible'");
  });

  describe.each(layouts)('(e) published, and installed by $name', (layout) => {
    let app: App;

    beforeAll(async () => {
      await publish(NAME, folder);
      const dependencies = { '@stowage/core': '^1.0.0', '@stowage/cli': '^1.0.0', [NAME]: '^0.0.0' };
      app = new App(
        join(inject('folder'), 'third-party', layout.name.replaceAll(' ', '-')),
        layout,
        inject('registry'),
        dependencies,
      );
      await app.install();
    });

    it.each([NAME, `${NAME}:small`])('is found by its type string %s', async (type) => {
      app.write({ 'main.js': PAPER_APP.replace(NAME, type) });
      const { output } = await app.node('main.js');
      expect(JSON.parse(output)).toEqual({ provider: type, text: 'one' });
    });

    it('is shown by stowage providers, with its presets', async () => {
      const { stdout } = await app.node('node_modules/@stowage/cli/dist/bin.js', ['providers', '--installed']);
      expect(stdout).toMatch(/^@acme\/driver-paper +@acme\/driver-paper +0\.0\.0 /m);
      expect(stdout).toMatch(/^@acme\/driver-paper:small /m);
    });
  });
});
