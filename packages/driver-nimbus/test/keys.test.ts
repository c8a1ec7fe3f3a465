import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromStoredKey, RESERVED_PREFIX, toStoredKey, toStoredPrefix } from '../src/keys.js';

const piece = fc.oneof(
  fc.constantFrom(
    '/',
    '//',
    '.',
    '..',
    '...',
    '!',
    '!2',
    '!2B',
    '!21',
    '!C3!A9',
    '+',
    '%',
    '_',
    '\\',
    'é',
    '😀',
    ' ',
    'A',
    '0',
    '\n',
  ),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
  fc.string({ maxLength: 3 }),
);
const anyKey = fc
  .array(piece, { minLength: 1, maxLength: 10 })
  .map((pieces) => pieces.join(''))
  .filter((key) => key !== '');

describe('how keys are written', () => {
  it.each([
    ['photos/2026/sun set.jpg', 'photos/2026/sun set.jpg'],
    ['year=2026/a_b%41?#&"\\', 'year=2026/a_b%41?#&"\\'],
    ['a+b', 'a!2Bb'],
    ['é', '!C3!A9'],
    ['e\u0301', 'e!CC!81'],
    ['😀', '!F0!9F!98!80'],
    ['a\nb', 'a!0Ab'],
    ['Hello!', 'Hello!'],
    ['a!2Bb', 'a!212Bb'],
    ['!2b', '!2b'],
    ['/lead', '!2Flead'],
    ['a//b///', 'a/!2Fb/!2F!2F'],
    ['a/../b/./c', 'a/!2E!2E/b/!2E/c'],
    ['..', '!2E!2E'],
    ['.../.hidden/a.', '.../.hidden/a.'],
  ])('%j is %j', (key, stored) => {
    expect(toStoredKey(key)).toBe(stored);
    expect(fromStoredKey(stored)).toBe(key);
  });

  it('is undone exactly, in plain ASCII without what the server and proxies get wrong', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const stored = toStoredKey(key);
        expect(fromStoredKey(stored)).toBe(key);
        expect(stored).toMatch(/^[ -~]+$/);
        expect(stored).not.toMatch(/\+|^\/|\/\/|(^|\/)\.\.?(\/|$)/);
        expect(stored.startsWith(RESERVED_PREFIX)).toBe(false);
      }),
    );
  });

  it('never puts two keys into one place, and no place has two names', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (one, other) => {
        expect(toStoredKey(one) === toStoredKey(other)).toBe(one === other);
        const key = fromStoredKey(other);
        if (key !== undefined) expect(toStoredKey(key)).toBe(other);
      }),
    );
  });

  it('keeps prefixes: what a prefix asks the server for begins every key that begins with it, and has no wildcard', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (prefix, rest) => {
        const asked = toStoredPrefix(prefix);
        expect(toStoredKey(prefix + rest).startsWith(asked)).toBe(true);
        expect(toStoredKey(prefix).startsWith(asked)).toBe(true);
        expect(asked).not.toMatch(/[%_\\]/);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['maui/', 'maui/'],
    ['a_b', 'a'],
    ['a/..', 'a/'],
    ['a!2', 'a'],
    ['a!', 'a'],
    ['a/.!', 'a/'],
    ['..!4', ''],
    ['a.!', 'a.'],
    ['é', '!C3!A9'],
  ])('prefix %j is asked for as %j', (prefix, asked) => {
    expect(toStoredPrefix(prefix)).toBe(asked);
  });

  it('has no name for what other software may have stored and the driver cannot ask for', () => {
    for (const stored of ['é', 'a//b', '!41', '!C3', '!2141!', 'a/../b', `${RESERVED_PREFIX}x/open`]) {
      const key = fromStoredKey(stored);
      expect(key === undefined || toStoredKey(key) === stored).toBe(true);
    }
    expect(fromStoredKey(`${RESERVED_PREFIX}x/open`)).toBeUndefined();
    expect(fromStoredKey('a//b')).toBeUndefined();
  });
});
