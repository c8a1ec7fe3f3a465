import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { knownProviders } from '@stowage/core';
import { expect, it } from 'vitest';
import { run } from '../lib/run.mjs';
import { listPackages, listPublicPackages, readManifest, root } from '../lib/workspace.mjs';
import { linesOf, pages } from './pages.js';

/** What others publish and pages advise. */
const foreignPackages = ['vitest', '@node-rs/crc32'];

const installable = new Set([
  ...foreignPackages,
  ...listPublicPackages().map(({ manifest }) => manifest.name),
  // Drivers that core already knows by name.
  ...knownProviders().map(({ packageName }) => packageName),
]);

/** Programs of our packages, by the name that `npx` finds. */
const programs = new Map(
  listPackages().flatMap(({ path }) =>
    Object.entries((readManifest(path) as { bin?: Record<string, string> }).bin ?? {}).map(
      ([name, file]) => [name, join(path, file)] as const,
    ),
  ),
);

const scripts = readManifest(root).scripts ?? {};

/** Arguments that the scripts of the repository take after `--`, and how they are tried: what is wrong must be refused. */
const scriptArguments: Readonly<Record<string, (args: readonly string[]) => Promise<boolean>>> = {
  bench: (args) => succeeds('bench/bench.mjs', ...args, '--help'),
  docs: async ([mode = '', ...more]) => more.length === 0 && ['dev', 'preview'].includes(mode),
  test: async (paths) => paths.every((path) => existsSync(join(root, path))),
};

async function succeeds(...args: readonly string[]): Promise<boolean> {
  return (await run(process.execPath, args, { quiet: true })).status === 0;
}

async function isScript(words: readonly string[]): Promise<boolean> {
  const [script = '', dashes, ...args] = words[0] === 'run' ? words.slice(1) : words;
  if (scripts[script] === undefined) return false;
  return dashes === undefined || (dashes === '--' && ((await scriptArguments[script]?.(args)) ?? false));
}

/** Runs a program of ours where its command only tells something; the test of a registry runs the others. */
async function isProgram([name = '', ...args]: readonly string[]): Promise<boolean> {
  const file = programs.get(name);
  if (file !== undefined) return args.join() === '--help' && (await succeeds(file, ...args));
  return args.length === 0 && existsSync(join(root, 'node_modules', '.bin', name));
}

/** Whether a command is one that this repository has, by the program that it calls. Commands of the guide are run by test-publish. */
const known: Readonly<Record<string, (words: readonly string[]) => Promise<boolean> | boolean>> = {
  'npm create stowage-driver': (names) => names.every((name) => /^@acme\/driver-[a-z]+$/.test(name)),
  'npm install': (names) => names.every((name) => name.startsWith('@acme/') || isOption(name) || installable.has(name)),
  npm: isScript,
  npx: isProgram,
  cd: ([folder = '']) => /^driver-[a-z]+$/.test(folder),
  node: ([file = '']) => existsSync(join(root, file)),
};

const isOption = (word: string): boolean => word === '--save-dev';

async function isKnown(line: string): Promise<boolean> {
  const command = (line.split('#')[0] ?? '').trim();
  if (command === '') return true;
  const tool = Object.keys(known).find((name) => command === name || command.startsWith(`${name} `));
  if (tool === undefined) return false;
  return (await known[tool]?.(command.slice(tool.length).trim().split(/\s+/).filter(Boolean))) ?? false;
}

const withCommands = pages
  .filter(({ commands }) => commands.length > 0)
  .map(({ file, commands }) => ({ file, commands, lines: linesOf(commands) }));

it.each(withCommands)('names commands that are there: $file, lines $lines', async ({ commands }) => {
  const wrong: string[] = [];
  for (const line of commands.flatMap(({ code }) => code.trimEnd().split('\n'))) {
    if (!(await isKnown(line))) wrong.push(line);
  }
  expect(wrong).toEqual([]);
});

it('knows every command of this repository that a page names', async () => {
  for (const line of [
    'npm run bench -- --fast',
    'npm run deploy',
    'npm install left-pad',
    'npx stowage --halp',
    'make',
  ]) {
    expect(await isKnown(line), line).toBe(false);
  }
});
