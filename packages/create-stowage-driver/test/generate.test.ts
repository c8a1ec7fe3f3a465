import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { generateDriver, RefusedError } from '../src/generate.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stowage-create-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

const read = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');

it('writes a package of the name that was asked for, and nothing of the template’s own name', () => {
  const { files } = generateDriver('@example/driver-paper-box', folder);
  expect(files).toEqual(
    expect.arrayContaining(['package.json', '.gitignore', '.github/workflows/ci.yml', '.changeset/first-release.md']),
  );
  expect(JSON.parse(read('driver-paper-box', 'package.json'))).toMatchObject({
    name: '@example/driver-paper-box',
    keywords: expect.arrayContaining(['stowage-driver']) as unknown,
    peerDependencies: { '@stowage/core': expect.stringMatching(/^(workspace:)?\^/) as unknown },
  });
  expect(read('driver-paper-box', 'src/index.ts')).toMatch(/createPaperBoxDriver[^]*type: 'paper-box'/);
  for (const file of files) expect(read('driver-paper-box', file), file).not.toMatch(/pocket|@acme|__[A-Z]+__/i);
});

it('has a driver of less than 200 lines of code', () => {
  const { files } = generateDriver('driver-small', folder);
  const sources = files.filter((file) => file.startsWith('src')).map((file) => read('driver-small', file));
  const isCode = (line: string): boolean => !/^\s*(\/\/.*|\/\*\*.*\*\/)?$/.test(line);
  const lines = sources.flatMap((source) => source.split('\n')).filter(isCode);
  expect(lines.length).toBeLessThan(200);
});

it.each(['left-pad', 'driver-', '../driver-x', '@a/b/driver-x', 'Driver-x', 'driver-1st', `driver-${'x'.repeat(220)}`])(
  'refuses the name %s, which core would not find',
  (name) => {
    expect(() => generateDriver(name, folder)).toThrow(RefusedError);
    expect(readdirSync(folder)).toEqual([]);
  },
);

it('leaves a folder alone that holds something', () => {
  mkdirSync(join(folder, 'driver-x'));
  expect(generateDriver('driver-x', folder).files.length).toBeGreaterThan(10);
  writeFileSync(join(folder, 'driver-x', 'mine'), '');
  expect(() => generateDriver('driver-x', folder)).toThrow(/not empty/);
});

it('has sources and tests that compile, as its lint asks', { timeout: 60_000 }, () => {
  generateDriver('@example/driver-paper', folder);
  const home = join(folder, 'driver-paper');
  mkdirSync(join(home, 'node_modules'));
  symlinkSync(join(root, 'node_modules/vitest'), join(home, 'node_modules/vitest'));
  const { config } = ts.readConfigFile(join(home, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, home);
  expect(fileNames.map((file) => relative(home, file))).toEqual(
    expect.arrayContaining(['src/driver.ts', 'test/conformance.test.ts', 'test/package.test.ts']),
  );
  const sources = {
    '@stowage/core': 'core/src/index.ts',
    '@stowage/core/spi': 'core/src/spi.ts',
    '@stowage/testkit': 'testkit/src/index.ts',
  };
  const paths = Object.fromEntries(
    Object.entries(sources).map(([name, file]) => [name, [join(root, 'packages', file)]]),
  );
  const typeRoots = [join(root, 'node_modules/@types')];
  const program = ts.createProgram(fileNames, { ...options, paths, typeRoots });
  const problems = fileNames.flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  const messages = problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  expect([...program.getOptionsDiagnostics().map(({ messageText }) => messageText), ...messages]).toEqual([]);
});
