import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareBytes, pageOfObjects } from '../../src/spi.js';

/** Few letters, so that keys share prefixes; the last one is two code units, which sort otherwise than their bytes. */
const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\uffff', '\u{1f600}'), minLength: 1, maxLength: 6 });

/** All lines that a listing has, put together without pages. */
function linesOf(keys: readonly string[], prefix: string, after: string, delimiter: string | undefined): string[] {
  const lines = keys
    .filter((each) => each.startsWith(prefix) && compareBytes(each, after) > 0)
    .map((each) => {
      const cut = delimiter === undefined ? -1 : each.indexOf(delimiter, prefix.length);
      return delimiter === undefined || cut < 0 ? each : `${each.slice(0, cut + delimiter.length)} (prefix)`;
    });
  return [...new Set(lines)].sort(compareBytes);
}

it('gives every key, and every prefix once, page by page', () => {
  const request = fc.record({
    prefix: fc.constantFrom('', 'a', 'a/', 'b/a'),
    startAfter: fc.option(key, { nil: undefined }),
    delimiter: fc.constantFrom(undefined, '/', 'ab', '\u{1f600}'),
    limit: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 30 }), request, (keys, { prefix, startAfter, delimiter, limit }) => {
      const seen: string[] = [];
      let token: string | undefined;
      do {
        const records = keys.map((each) => ({ key: each, size: each.length }));
        const page = pageOfObjects(records, { prefix, startAfter, delimiter, limit, token }, 1000);
        expect(page.objects.length + page.prefixes.length).toBeLessThanOrEqual(limit);
        seen.push(...page.objects.map((record) => record.key), ...page.prefixes.map((name) => `${name} (prefix)`));
        token = page.next;
      } while (token !== undefined);
      expect(seen.sort(compareBytes)).toEqual(linesOf(keys, prefix, startAfter ?? '', delimiter));
    }),
  );
});

it('keeps to the largest page, and goes on right when its last key is deleted and others are written', () => {
  const records = ['a', 'b', 'c', 'd'].map((each) => ({ key: each, size: 1, note: each }));
  const first = pageOfObjects(records, { limit: 100 }, 2);
  expect(first.objects).toEqual([
    { key: 'a', size: 1, note: 'a' },
    { key: 'b', size: 1, note: 'b' },
  ]);
  const now = [...records.filter((record) => record.key !== 'b'), { key: 'ab', size: 1, note: 'new' }];
  const { objects, next } = pageOfObjects(now, { token: first.next }, 2);
  expect(objects.map((record) => record.key)).toEqual(['c', 'd']);
  expect(next).toBeUndefined();
  expect(() => pageOfObjects(now, { token: 'c' }, 2)).toThrow('page token');
});
