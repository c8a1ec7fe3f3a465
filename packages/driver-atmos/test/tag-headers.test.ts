import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTags, writeTags } from '../src/tag-headers.js';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const name = text.filter((each) => each !== '');

it('reads the tags of any text that it wrote, in their order', () => {
  const pairs = fc.array(fc.tuple(name, text), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(pairs, (tags) => {
      expect(readTags(writeTags(tags, true), true)).toEqual(tags);
    }),
  );
});

it.each([
  [
    'a=1, b=2',
    true,
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  [
    'a=1,b',
    true,
    [
      ['a', '1'],
      ['b', ''],
    ],
  ],
  [
    'a=%2C%3D, caf%C3%A9=cr%C3%A8me%20br%C3%BBl%C3%A9e',
    true,
    [
      ['a', ',='],
      ['café', 'crème brûlée'],
    ],
  ],
  ['a=x=y', true, [['a', 'x=y']]],
  // No escape of UTF-8: as it is.
  ['a=100%', true, [['a', '100%']]],
  [
    'a=one, two, b=3',
    false,
    [
      ['a', 'one, two'],
      ['b', '3'],
    ],
  ],
  ['', true, []],
  [undefined, false, []],
])('reads %j with percent-encoding %s', (header, utf8, tags) => {
  expect(readTags(header, utf8)).toEqual(tags);
});
