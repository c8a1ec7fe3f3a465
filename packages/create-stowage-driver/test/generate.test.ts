import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { generateDriver, RefusedError } from '../src/generate.js';

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
