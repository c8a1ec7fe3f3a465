import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOfNames, placesOf } from '../src/keys.js';

/** Words of which awkward keys are made: what the escape uses, what it guards, and lengths around its limits. */
const words = fc.oneof(
  fc.constantFrom(
    '',
    '.',
    '..',
    '%',
    '%_',
    '%=',
    '%+',
    '%%',
    '_',
    '=',
    '+',
    '%25',
    '%2F',
    'a',
    '...',
    'é',
    'e\u0301',
    '😀',
  ),
  fc.constantFrom('x'.repeat(126), 'x'.repeat(127), 'y'.repeat(128), 'é'.repeat(100), '😀'.repeat(60), 'z'.repeat(253)),
  fc.string({ unit: 'grapheme', maxLength: 6 }).filter((word) => !/[/\0]/.test(word)),
);
const segments = fc.array(words, { maxLength: 5 }).map((parts) => parts.join(''));
const keys = fc.array(segments, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));

const pathOf = (names: readonly string[]): string => names.join('/');

describe('the path of a key', () => {
  it('is made of names that a file system can hold', () => {
    fc.assert(
      fc.property(keys, (key) => {
        for (const name of Object.values(placesOf(key)).flat()) {
          expect(Buffer.byteLength(name as string)).toBeLessThanOrEqual(255);
          expect(name).not.toMatch(/^\.{0,2}$|[/\0]/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('tells the key again, from either of its places', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const { usual, displaced } = placesOf(key);
        expect(keyOfNames(usual)).toBe(key);
        expect(keyOfNames(displaced)).toBe(key);
        expect(pathOf(usual)).not.toBe(pathOf(displaced));
      }),
      { numRuns: 2000 },
    );
  });

  it('is no directory of another key, once that has given way', () => {
    fc.assert(
      fc.property(keys, keys, (key, other) => {
        const displaced = pathOf(placesOf(key).displaced);
        for (const path of Object.values(placesOf(`${key}/${other}`)).map(pathOf)) {
          expect(path.startsWith(`${displaced}/`)).toBe(false);
          expect(path).not.toBe(displaced);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    'photos/2024/a.jpg',
    '.hidden/file',
    'with space and (1) % & + é',
    '100%',
    '100%25.txt',
    '%41',
    'A',
    'a%_b',
    'n'.repeat(255),
    `${'d'.repeat(255)}/${'é'.repeat(127)}`,
  ])('is the key itself for %j', (key) => {
    expect(pathOf(placesOf(key).usual)).toBe(key);
  });

  it.each([
    ['', ['%_']],
    ['a//b', ['a', '%_', 'b']],
    ['/a', ['%_', 'a']],
    ['a/', ['a', '%_']],
    ['./..', ['.%_', '..%_']],
    ['%_', ['%_%_']],
    ['a%=', ['a%=%_']],
    ['n'.repeat(256), [`${'n'.repeat(253)}%+`, 'nnn']],
  ])('of %j is written %j', (key, names) => {
    expect(placesOf(key).usual).toEqual(names);
  });
});

describe('a name that another program wrote', () => {
  const names = fc
    .array(words, { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(''))
    .filter((name) => !/^\.{0,2}$/.test(name) && Buffer.byteLength(name) <= 255);

  it('is the name of at most one key, and then the place of that key', () => {
    fc.assert(
      fc.property(names, (name) => {
        const key = keyOfNames([name]);
        if (key === undefined) return;
        expect(Object.values(placesOf(key)).map(pathOf)).toContain(name);
      }),
      { numRuns: 2000 },
    );
  });

  it('is a key, unless it ends in a mark that only the driver writes', () => {
    fc.assert(
      fc.property(names, (name) => {
        const isMarked = /%[=+](%_)*(%=)?$|^(\.{0,2}(%_)*)%=/.test(name);
        expect(isMarked || keyOfNames([name]) !== undefined).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
