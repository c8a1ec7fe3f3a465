import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { basicIsoDate, httpDate, parseHttpDateMs, parseIsoDateMs } from '../src/index.js';

const time = fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true });

describe('dates', () => {
  it('are written for signatures and for HTTP', () => {
    const timeMs = Date.UTC(2013, 4, 24, 0, 0, 0, 999);
    expect(basicIsoDate(timeMs)).toBe('20130524T000000Z');
    expect(httpDate(timeMs)).toBe('Fri, 24 May 2013 00:00:00 GMT');
    expect(basicIsoDate(timeMs + 1)).toBe('20130524T000001Z');
    expect(httpDate(timeMs + 1)).toBe('Fri, 24 May 2013 00:00:01 GMT');
  });

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(time, (date) => {
        const iso = date.toISOString();
        const secondMs = Math.floor(date.getTime() / 1000) * 1000;
        expect(parseIsoDateMs(iso)).toBe(date.getTime());
        expect(parseIsoDateMs(iso.replace(/\.\d+Z/, 'Z'))).toBe(secondMs);
        expect(parseIsoDateMs(`<a>${iso}</a>`, 3, 3 + iso.length)).toBe(date.getTime());
        expect(parseHttpDateMs(httpDate(date.getTime()))).toBe(secondMs);
      }),
    );
  });

  it.each([
    ['2024-02-29T12:34:56.789012', Date.UTC(2024, 1, 29, 12, 34, 56, 789)],
    ['2024-02-29T12:34:56', Date.UTC(2024, 1, 29, 12, 34, 56)],
    ['2013-05-02T21:31:40.000-05:00', Date.UTC(2013, 4, 3, 2, 31, 40)],
    ['2024-02-29T12:34:56+0100', Date.UTC(2024, 1, 29, 11, 34, 56)],
  ])('of the form %s are read as UTC unless they say otherwise', (text, timeMs) => {
    expect(parseIsoDateMs(text)).toBe(timeMs);
  });

  it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
    'of HTTP are read in all three forms: %s',
    (text) => {
      expect(parseHttpDateMs(text)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
    },
  );

  it('of HTTP are taken as Date.parse takes them, also beyond the end of a month or a day', () => {
    const upTo = (max: number): fc.Arbitrary<string> =>
      fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
    const month = fc.constantFrom('Jan', 'Feb', 'Apr', 'Dec', 'Foo', 'anF');
    const year = fc.constantFrom('0094', '1899', '1970', '2024', '9999');
    fc.assert(
      fc.property(upTo(40), month, year, upTo(30), upTo(70), upTo(70), (day, name, era, hours, minutes, seconds) => {
        const text = `Sun, ${day} ${name} ${era} ${hours}:${minutes}:${seconds} GMT`;
        const expected = Date.parse(text);
        expect(parseHttpDateMs(text)).toBe(Number.isNaN(expected) ? undefined : expected);
      }),
    );
  });

  it.each(['', '0', '-5', 'soon', '123, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37Z'])(
    'of HTTP are not %j',
    (text) => {
      expect(parseHttpDateMs(text)).toBeUndefined();
    },
  );

  it.each(['', 'yesterday', '2024-13-01T00:00:00.000Z', '2024-01-00T00:00:00Z', '2o24-01-01T00:00:00Z', '2024-01-01'])(
    'that are none, such as %j, are undefined',
    (text) => {
      expect(parseIsoDateMs(text)).toBeUndefined();
    },
  );
});
