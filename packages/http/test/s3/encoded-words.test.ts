import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMetadataValue, encodeMetadataValue } from '../../src/s3/encoded-words.js';

describe('metadata values', () => {
  it('come back as they were given, and travel as plain ASCII without outer spaces', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const header = encodeMetadataValue(value);
        expect(header).toMatch(/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/);
        expect(decodeMetadataValue(header)).toBe(value);
      }),
    );
  });

  it('come back when they look like encoded words', () => {
    for (const value of [
      '=?UTF-8?B?w6k=?=',
      'a =?utf-8?q?x?= b',
      '=?',
      '?=',
      '=?UTF-8?B?',
      ' lead',
      'trail ',
      'a  b',
      '',
    ]) {
      expect(decodeMetadataValue(encodeMetadataValue(value))).toBe(value);
    }
  });

  it.each([
    ['plain text', 'plain text', 'what needs none stays'],
    ['=?UTF-8?B?w6k=?=', 'é', 'base64'],
    ['=?utf-8?q?caf=C3=A9_x?=', 'café x', 'quoted-printable, where _ is a space'],
    ['=?UTF-8?Q?a?= =?UTF-8?Q?b?=', 'ab', 'two words are one text'],
    ['x =?UTF-8?Q?=C3=A9?= y', 'x é y', 'a word among others'],
    ['=?ISO-8859-1?Q?=E9?=', '=?ISO-8859-1?Q?=E9?=', 'another charset stays'],
    ['=?UTF-8?B?not base64!?=', '=?UTF-8?B?not base64!?=', 'what does not decode stays'],
    ['=?UTF-8?B?/w==?=', '=?UTF-8?B?/w==?=', 'what is no UTF-8 stays'],
    ['=?UTF-8?Q?=FF?=', '=?UTF-8?Q?=FF?=', 'what is no UTF-8 stays'],
  ])('%s is read as %s: %s', (header, value) => {
    expect(decodeMetadataValue(header)).toBe(value);
  });
});
