import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeDirectory, decodeEntry, encodeContainer, decodeContainer, encodeKey, refuseKey } from '../src/names.js';

const odd = fc.constantFrom(
  '/',
  '..',
  '.',
  '%',
  '%41',
  '%C3',
  '%_',
  '%=',
  '%+',
  '%~',
  '?',
  '@',
  ' ',
  'É',
  '\0',
  '\u{1f600}',
);
const key = fc
  .array(fc.oneof(odd, fc.string({ unit: 'grapheme', maxLength: 5 })), { minLength: 1, maxLength: 40 })
  .map((pieces) => pieces.join(''))
  .filter((text) => text !== '' && refuseKey(text) === undefined);

function decode(path: string): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return decodeDirectory(folder) + decodeEntry(path.slice(folder.length), false);
}

it('gives every key back, and no two keys one path', () => {
  fc.assert(
    fc.property(key, (text) => {
      expect(decode(encodeKey(text))).toBe(text);
    }),
  );
  fc.assert(
    fc.property(key, key, (one, two) => {
      fc.pre(one !== two);
      expect(encodeKey(one)).not.toBe(encodeKey(two));
    }),
  );
});

it('writes names that every server takes and lower-cases in one way', () => {
  fc.assert(
    fc.property(key, (text) => {
      for (const name of encodeKey(text).split('/')) {
        expect(name).not.toMatch(/^\.{0,2}$|[?@]|\p{Cc}/u);
        expect(Buffer.byteLength(name)).toBeLessThan(250);
        const byBytes = name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
        expect(name.toLowerCase()).toBe(byBytes);
      }
    }),
  );
});

it.each(['2026/sunset.jpg', 'a b (1).txt', '100%.txt', 'x%2fy', 'été', '日本語/キー', 'a+b,c;d=e&f', '~user/.x'])(
  'leaves %s as it is, so that other programs find it',
  (text) => {
    expect(encodeKey(text)).toBe(text);
  },
);

it.each([
  ['a//b', 'a/%_/b'],
  ['a/', 'a/%_'],
  ['../x', '%2E%2E/x'],
  ['what?', 'what%3F'],
  ['user@host', 'user%40host'],
  ['É', '%C3%89'],
  ['%3F', '%253F'],
  [' x', '%20x'],
])('writes %s as %s', (text, path) => {
  expect(encodeKey(text)).toBe(path);
});

it('gives container names back, and shows the private directory as none', () => {
  for (const name of ['box', 'a@b', '..', 'É']) expect(decodeContainer(encodeContainer(name))).toBe(name);
  expect(decodeContainer('%~')).toBeUndefined();
});
