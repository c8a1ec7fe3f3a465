import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect, it, vi } from 'vitest';
import * as core from '../src/index.js';

it('prints what its comments say', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...values) => void lines.push(values.map(print).join(' ')));
  const body = code.replaceAll(/^import (\{.*\}) from '@stowage\/core';$/gm, 'const $1 = core;');
  const { constructor } = async () => undefined;
  const run = Reflect.construct(constructor, ['core', body]) as (module: typeof core) => Promise<void>;
  await run(core);
  const promised = [...code.matchAll(/console\.log.*; \/\/ (.*)$/gm)].map(([, comment]) => comment);
  expect(lines).toEqual(promised);
  expect(lines).toHaveLength(5);
});

function print(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value);
}
