import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../lib/run.mjs';
import { root } from '../lib/workspace.mjs';

const page = readFileSync(join(root, 'docs/writing-a-driver.md'), 'utf8');

/** Uses the class of the page as a driver would, and tells what came of it. */
const USE = `
  import { createHost } from '@stowage/core/spi';
  import { PaperService } from './requests.js';
  const service = new PaperService({ endpoint: process.argv[2], key: 'secret-of-the-example' }, createHost());
  const found = await service.read('photos', 'a//b c', 'bytes', { attempt: 1 });
  console.log(String(found.bytes));
  await service.read('photos', 'missing', 'bytes', { attempt: 1 }).catch((error) => console.log(JSON.stringify(error)));
  await service.close();`;

it('prints code for requests that compiles and does what the page says', { timeout: 60_000 }, async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/photos/a//b%20c' ? 200 : 404;
    response.end(response.statusCode === 200 ? request.headers.authorization : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'stowage-guide-'));
  onTestFinished(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  mkdirSync(join(folder, 'node_modules/@stowage'), { recursive: true });
  for (const name of ['core', 'http']) {
    symlinkSync(join(root, 'packages', name), join(folder, 'node_modules/@stowage', name));
  }
  const source = /```ts\n(import \{ type CallContext.*?)```/s.exec(page)?.[1] ?? '';
  const compilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    noEmit: true,
  };
  writeFileSync(join(folder, 'requests.ts'), source);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const typeRoots = [join(root, 'node_modules/@types')];
  const options = {
    ...compilerOptions,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    typeRoots,
  };
  const program = ts.createProgram([join(folder, 'requests.ts')], { ...options, types: ['node'] });
  const problems = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  expect(problems).toEqual([]);
  const transpiled = ts.transpileModule(source, {
    compilerOptions: { ...compilerOptions, module: ts.ModuleKind.ESNext },
  });
  writeFileSync(join(folder, 'requests.js'), transpiled.outputText);
  writeFileSync(join(folder, 'use.js'), USE);
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { output } = await run(process.execPath, ['use.js', endpoint], { quiet: true, cwd: folder });
  const [text, error] = output.split('\n');
  expect(text).toBe('Bearer secret-of-the-example');
  expect(JSON.parse(error ?? '')).toMatchObject({ code: 'object-not-found', status: 404, key: 'missing' });
});
