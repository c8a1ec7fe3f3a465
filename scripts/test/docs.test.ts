import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Block, type Program, readBlocks } from '../lib/markdown-blocks.mjs';
import { listFiles, listPackages, root } from '../lib/workspace.mjs';
import { linesOf, type Page, pages } from './pages.js';

const run = promisify(execFile);
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const packages = listPackages();

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
const settings = ${code};
for (const { type, user } of Object.values(settings.LIBCLOUD_PROVIDERS)) if (/local$/i.test(type)) mkdirSync(user);
for (const name of Object.keys(settings.LIBCLOUD_PROVIDERS)) console.log(new LibCloudStorage(name, { settings }).bucket);
`;
  const buckets = Object.values(providers).map(({ bucket }) => `${bucket}\n`);
  return { language: 'js', code: source, line, onMemory: false, output: buckets.join('') };
}

function programsOf({ programs, settings }: Page): Program[] {
  return [...programs, ...settings.map(openingProgram)];
}

/** `$ command` lines, each with what the page says it prints. */
function commandsOf({ code }: Block): { readonly command: string; readonly printed: string }[] {
  return code
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const end = text.indexOf('\n');
      return { command: text.slice(0, end), printed: text.slice(end + 1) };
    });
}

const titled = pages.map((page) => ({ ...page, lines: linesOf([...page.programs, ...page.settings]) }));

describe('the code of the pages', () => {
  it.each(titled.filter((page) => programsOf(page).length > 0))(
    'runs, and prints what $file says, from lines $lines on',
    { timeout: 60_000 },
    async (page) => {
      const programs = programsOf(page);
      const { driver, text } = page;
      if (driver !== undefined && !packages.some(({ manifest }) => manifest.name === driver)) {
        for (const program of programs)
          await expect(runPrograms(text, [program])).rejects.toThrow(`npm install ${driver}`);
        return;
      }
      const printed = await runPrograms(text, programs);
      expect(printed).toEqual(programs.map(({ output, line }) => output ?? `what line ${line} prints is not said`));
    },
  );

  it('compiles where it is TypeScript', { timeout: 60_000 }, () => {
    const programs = pages.flatMap(({ file, programs: all }) =>
      all.filter(({ language }) => language === 'ts').map(({ code, line }) => ({ name: `${file}:${line}`, code })),
    );
    expect(programs.length).toBeGreaterThan(5);
    expect(compile(programs)).toEqual([]);
  });

  it.each(pages.filter(({ copies }) => copies.length > 0))('is that of the tested files: $file', ({ copies }) => {
    for (const { from, code, line } of copies) {
      // Where it stands in a list or a class, it is indented there.
      const flat = (text: string): string => text.replaceAll(/^ +/gm, '');
      expect(flat(read(from as string)).includes(flat(code)), `line ${line}: ${from}`).toBe(true);
    }
  });

  it.each(pages.filter(({ sessions }) => sessions.length > 0))(
    'prints in a shell what $file says',
    { timeout: 60_000 },
    async ({ sessions, settings }) => {
      const folder = makeApplication();
      writeFileSync(join(folder, 'stowage.config.json'), settings.at(-1)?.code ?? '{}');
      const commands = sessions.flatMap(commandsOf);
      expect(commands.length).toBeGreaterThan(4);
      // npx does no more than find the command, and takes its time.
      const stowage = `"${process.execPath}" node_modules/@stowage/cli/dist/bin.js`;
      for (const { command, printed } of commands) {
        const { stdout } = await run('sh', ['-c', command.replace('npx stowage', stowage)], { cwd: folder });
        expect(stdout, command).toBe(printed);
      }
    },
  );

  it.each(pages)('is of a kind that is tested: $file', ({ untested }) => {
    expect(untested.map(({ line, language }) => `line ${line}: "${language}"`)).toEqual([]);
  });
});

/** Tells what the compiler says of modules that see every package of this repository as it is published. */
function compile(modules: readonly { readonly name: string; readonly code: string }[]): string[] {
  const folder = makeApplication();
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const files = modules.map(({ code }, index) => {
    const file = join(folder, `${index}.ts`);
    writeFileSync(file, code);
    return file;
  });
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    preserveSymlinks: false,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const name = modules[files.indexOf(file?.fileName ?? '')]?.name ?? file?.fileName ?? '';
    return `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

it('sketches in the decisions only what core has', () => {
  const core = listFiles(join(root, 'packages/core/src'), ['.ts']).map((file) => readFileSync(file, 'utf8'));
  const words = new Set(core.join('\n').match(/[A-Za-z]\w*/g));
  const sketches = listFiles(join(root, 'docs/decisions'), ['.md']).flatMap((file) =>
    readBlocks(readFileSync(file, 'utf8')),
  );
  expect(sketches.map(({ language }) => language)).toEqual(['ts']);
  const named = sketches.flatMap(({ code }) => code.replaceAll(/\/\/.*$/gm, '').match(/[A-Za-z]\w+/g) ?? []);
  expect(named.length).toBeGreaterThan(200);
  expect(named.filter((word) => !words.has(word))).toEqual([]);
});

it('says of every error code what it means and what to do', () => {
  const source = read('packages/core/src/errors/codes.ts');
  const union = source.slice(source.indexOf('type ErrorCode'), source.indexOf(';'));
  const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code);
  const rows = [...read('docs/errors.md').matchAll(/^\| `([a-z-]+)` \| .+ \| .+ \|$/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(20);
  expect(rows.filter((row) => codes.includes(row))).toEqual(codes);
});

it('names only packages that are there', () => {
  const linked = [...read('README.md').matchAll(/\]\(packages\/([a-z0-9-]+)\)/g)].map(([, folder]) => folder as string);
  expect(linked.length).toBeGreaterThan(5);
  for (const folder of linked) expect(read(`packages/${folder}/README.md`)).toMatch(/^# (@stowage\/|create-)/);
});
