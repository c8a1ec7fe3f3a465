import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, nearestNames } from '../../src/errors/nearest.js';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['region', 'regoin', 1],
    ['host', 'hosts', 1],
    ['secure', 'secur', 1],
  ])('counts the steps from %j to %j as %i', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  it('is the same both ways, zero only for equal names, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});

describe('nearestNames', () => {
  it('offers the nearest first and nothing that is far', () => {
    expect(nearestNames('s3_us_wst', ['s3_us_east2', 's3_us_west', 'nimbus'])).toEqual(['s3_us_west', 's3_us_east2']);
  });

  it('does not count case, nor a dash for an underscore, as an error', () => {
    expect(nearestNames('AMAZON-1', ['google', 'amazon_2', 'amazon_1'])[0]).toBe('amazon_1');
  });

  it('offers as many as asked for', () => {
    expect(nearestNames('a1', ['a2', 'a3', 'a4', 'a5'], 2)).toEqual(['a2', 'a3']);
  });

  it('offers nothing for an empty or a very long name', () => {
    expect(nearestNames('', ['a'])).toEqual([]);
    expect(nearestNames('a'.repeat(1_000_000), ['a'.repeat(999_999)])).toEqual([]);
  });
});

describe('didYouMean', () => {
  it('is a question that names what is near', () => {
    expect(didYouMean('regio', ['region', 'host'])).toBe(' Did you mean "region"?');
  });

  it('is nothing when nothing is near', () => {
    expect(didYouMean('zzzzzz', ['region', 'host'])).toBe('');
  });
});
