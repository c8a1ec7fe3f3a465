import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filepathToUri, getValidFilename, keyOf, validateFileName } from '../../src/names/file-name.js';

describe('the key of a name', () => {
  it('is one, whatever spelling names it', () => {
    const spellings = ['a/b', 'a//b', './a/b', 'a/./b', 'a/c/../b', 'a\\b', 'a\\.\\b', 'a\\c\\..\\b', '.\\a/b'];
    expect(new Set(spellings.map(keyOf))).toEqual(new Set(['a/b']));
  });

  it('is empty for the bucket itself', () => {
    expect(['', '.', './', '/.', 'a/..', '.\\'].map(keyOf)).toEqual(['', '', '', '/', '', '']);
  });

  it('keeps every other character', () => {
    for (const name of ['é', 'e\u0301', '😀', 'a b', 'a+b%41?#', '/lead', 'a/', '~', '...'])
      expect(keyOf(name)).toBe(name);
  });

  it('is settled: the key of a key is the key, and never climbs', () => {
    const part = fc.constantFrom('a', '.', '..', '', 'é', '\\', ' ');
    const names = fc.array(part, { maxLength: 7 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(names, (name) => {
        let key: string;
        try {
          key = keyOf(name);
        } catch (error) {
          expect(error).toMatchObject({ name: 'SuspiciousFileOperation' });
          return;
        }
        expect(key.split('/')).not.toContain('..');
        expect(keyOf(key)).toBe(key);
      }),
    );
  });

  it('is refused for half a character', () => {
    expect(() => keyOf('a\ud800')).toThrow(expect.objectContaining({ name: 'SuspiciousFileOperation' }));
  });
});

describe('names that are no text', () => {
  it.each([null, undefined, 42, Buffer.from('a')])('are a TypeError: %s', (name) => {
    expect(() => keyOf(name as never)).toThrow(TypeError);
    expect(() => validateFileName(name as never)).toThrow(TypeError);
    expect(() => getValidFilename(name as never)).toThrow(TypeError);
  });
});

describe('an escaped name', () => {
  it('is a path of a URL that names exactly it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const name = text.replaceAll('\\', '/');
        const url = new URL(`https://cdn.example/x${filepathToUri(name)}`);
        fc.pre(!name.split('/').some((part) => part === '.' || part === '..'));
        expect(decodeURIComponent(url.pathname.slice(2))).toBe(name);
        expect([url.search, url.hash]).toEqual(['', '']);
      }),
    );
  });
});
