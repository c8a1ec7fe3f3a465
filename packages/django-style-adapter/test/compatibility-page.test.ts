import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync(new URL('../../../docs/django-compatibility.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| (\d+) \| .* \| ([^|]+) \|$/gm)].map(([, number, test]) => ({
  number,
  test: test!,
}));

describe('the compatibility page', () => {
  it('numbers its rows one after the other', () => {
    expect(rows.map(({ number }) => Number(number))).toEqual(rows.map((_, index) => index + 1));
    expect(rows.length).toBeGreaterThan(0);
  });

  it.each(rows)('names a test for row $number', ({ test }) => {
    const named = /^`([^`]+)`: (.+)$/.exec(test);
    if (!named) {
      expect(test).toMatch(/^tests of `@stowage\/core`/);
      return;
    }
    const file = new URL(`./${named[1]!}.test.ts`, import.meta.url);
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain(named[2]!);
  });
});
