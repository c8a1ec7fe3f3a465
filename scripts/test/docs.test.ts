import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { knownProviders } from '@stowage/core';
import ts from 'typescript';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Block, type Program, readBlocks, readPrograms } from '../lib/markdown-blocks.mjs';
import { listPackages, readManifest, root } from '../lib/workspace.mjs';

const run = promisify(execFile);
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const packages = listPackages();

/** Records of what was decided, in the words of their day, and the guide whose code is the template's, tested with it. */
const ownTests = /^docs\/(decisions|api|node_modules)\/|^docs\/writing-a-driver\.md$/;

const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md') && !file.startsWith('.'))
  .map((file) => `docs/${file}`)
  .filter((file) => !ownTests.test(file))
  .sort()
  .map((file) => {
    const text = read(file);
    const driver = /^---\n(?:.*\n)*?driver: '(.+)'\n/.exec(text)?.[1];
    return { file, text, driver, blocks: readBlocks(text) };
  });

const commandPages = ['README.md', 'CONTRIBUTING.md', ...packages.map(({ folder }) => `packages/${folder}/README.md`)]
  // Its commands are run by the package's own tests, in the package that it makes.
  .filter((file) => !file.startsWith('packages/create-stowage-driver/'))
  .filter((file) => existsSync(join(root, file)))
  .map((file) => ({ file, blocks: readBlocks(read(file)) }));

/** Opens with the real driver, which checks the settings, and answers from memory. */
const memoryStandIn = `
import * as core from '@stowage/core';
export * from '@stowage/core';
export function openStorage(settings, options) {
  void core.openStorage(settings, options).close();
  return core.openStorage({ type: 'memory' }, options);
}
`;

/** Runs the programs one after the other, each in an empty folder, and ends also where a storage was left open. */
const runner = `
import { mkdirSync } from 'node:fs';
for (const file of process.argv.slice(2)) {
  const folder = new URL('./' + file.replace('.mjs', '/'), import.meta.url);
  mkdirSync(folder);
  process.chdir(folder.pathname);
  await import(new URL('./' + file, import.meta.url).href);
  console.log('\\u001e');
}
process.exit(0);
`;

/** An empty folder whose node_modules has every package of this repository, as built. */
function makeApplication(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stowage-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules', '@stowage'), { recursive: true });
  for (const { path, manifest } of packages) symlinkSync(path, join(folder, 'node_modules', manifest.name));
  writeFileSync(join(folder, 'stand-in.mjs'), memoryStandIn);
  writeFileSync(join(folder, 'run.mjs'), runner);
  return folder;
}

/** Every variable that a page takes from the environment has a value; it is base64 too, for the keys that must be. */
function environmentOf(text: string): Record<string, string> {
  const names = [...text.matchAll(/process\.env\.(\w+)|"env": "(\w+)"|env: '(\w+)'/g)];
  return Object.fromEntries(names.map(([, a, b, c]) => [a ?? b ?? c ?? '', Buffer.from('example').toString('base64')]));
}

async function runPrograms(text: string, programs: readonly Program[]): Promise<string[]> {
  const folder = makeApplication();
  const files = programs.map(({ code, onMemory }, index) => {
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    });
    const source = onMemory ? outputText.replace("'@stowage/core'", "'./stand-in.mjs'") : outputText;
    writeFileSync(join(folder, `${index}.mjs`), source);
    return `${index}.mjs`;
  });
  const env = { PATH: process.env.PATH, HOME: folder, ...environmentOf(text) };
  const { stdout } = await run(process.execPath, ['run.mjs', ...files], { cwd: folder, env });
  return stdout.split('\u001e\n').slice(0, -1);
}

/** A program that opens every provider of Django settings and prints the buckets. */
function openingProgram({ code, line }: Block): Program {
  const { LIBCLOUD_PROVIDERS: providers } = JSON.parse(code) as {
    LIBCLOUD_PROVIDERS: Record<string, { bucket: string }>;
  };
  const source = `
import { mkdirSync } from 'node:fs';
import { LibCloudStorage } from '@stowage/django-style-adapter';
mkdirSync('media');
const settings = ${code};
for (const name of Object.keys(settings.LIBCLOUD_PROVIDERS)) console.log(new LibCloudStorage(name, { settings }).bucket);
`;
  const buckets = Object.values(providers).map(({ bucket }) => `${bucket}\n`);
  return { code: source, line, onMemory: false, output: buckets.join('') };
}

function programsOf(blocks: readonly Block[]): Program[] {
  const settings = blocks.filter(({ language }) => language === 'json');
  return [...readPrograms(blocks), ...settings.map(openingProgram)];
}

describe('the code of the pages', () => {
  it.each(pages.filter(({ blocks }) => programsOf(blocks).length > 0))(
    'runs, and prints what $file says',
    { timeout: 60_000 },
    async ({ text, blocks, driver }) => {
      const programs = programsOf(blocks);
      if (driver !== undefined && !packages.some(({ manifest }) => manifest.name === driver)) {
        for (const program of programs)
          await expect(runPrograms(text, [program])).rejects.toThrow(`npm install ${driver}`);
        return;
      }
      const printed = await runPrograms(text, programs);
      expect(printed).toEqual(programs.map(({ output, line }) => output ?? `what line ${line} prints is not said`));
    },
  );

  it.each(pages)('is of a kind that is tested: $file', ({ blocks }) => {
    const untested = blocks.filter(({ language }) => !['js', 'ts', 'json', 'sh', 'text'].includes(language));
    expect(untested.map(({ line, language }) => `line ${line}: "${language}"`)).toEqual([]);
  });
});

it('says of every error code what it means and what to do', () => {
  const source = read('packages/core/src/errors/codes.ts');
  const union = source.slice(source.indexOf('type ErrorCode'), source.indexOf(';'));
  const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code);
  const rows = [...read('docs/errors.md').matchAll(/^\| `([a-z-]+)` \| .+ \| .+ \|$/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(20);
  expect(rows.filter((row) => codes.includes(row))).toEqual(codes);
});

/** What others publish and pages advise. */
const foreignPackages = ['vitest', '@node-rs/crc32'];

const installable = new Set([
  ...foreignPackages,
  ...packages.filter(({ manifest }) => manifest.private !== true).map(({ manifest }) => manifest.name),
  // Drivers that core already knows by name.
  ...knownProviders().map(({ packageName }) => packageName),
]);

const programNames = packages.flatMap(({ path }) => Object.keys((readManifest(path) as { bin?: object }).bin ?? {}));

/** Whether a command of a shell block names something of this repository, by the program that it calls. */
const known: Readonly<Record<string, (words: readonly string[]) => boolean>> = {
  npm: ([command = '', script = '']) =>
    readManifest(root).scripts?.[command === 'run' ? script : command] !== undefined,
  'npm install': (names) => names.every((name) => name.startsWith('-') || installable.has(name)),
  npx: ([name = '']) => programNames.includes(name) || existsSync(join(root, 'node_modules', '.bin', name)),
  node: ([file = '']) => existsSync(join(root, file)),
};

function isKnown(line: string): boolean {
  const command = (line.split('#')[0] ?? '').trim();
  const tool = command.startsWith('npm install ') ? 'npm install' : (command.split(' ')[0] ?? '');
  return command === '' || (known[tool]?.(command.slice(tool.length).trim().split(/\s+/)) ?? false);
}

it.each([...pages, ...commandPages])('names commands that are there: $file', ({ blocks }) => {
  const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ code }) => code.trimEnd().split('\n'));
  expect(lines.filter((line) => !isKnown(line))).toEqual([]);
});
