import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dynamicSegments } from '../src/dynamic-segments.js';
import { cutAt, markOf, placeOf, readMark, segmentOf, segmentPrefix } from '../src/pending.js';

const uploadId = '0123456789abcdef01234567';
const upload = (key: string, segments = 'c_segments') => ({
  ref: { container: 'c', key },
  uploadId,
  state: { segments },
});

describe('names of segments and of uploads under way', () => {
  it('show the key, beside those of other Swift clients', () => {
    expect(segmentOf(upload('a/b'), 12)).toEqual({ container: 'c_segments', key: `a/b/slo/${uploadId}/00000012` });
    expect(markOf(upload('a/b'))).toEqual({ container: 'c_segments', key: `.stowage-uploads/a/b/${uploadId}` });
  });

  it('show the container too where many share one for their segments', () => {
    expect(segmentOf(upload('a/b', 'all'), 1)).toEqual({ container: 'all', key: `c/a/b/slo/${uploadId}/00000001` });
    expect(placeOf({ ref: { container: 'c', key: 'a' }, uploadId })).toEqual({ container: 'c_segments', base: 'a' });
  });

  it('of any key fit into 1,024 bytes, are whole characters, and tell keys apart', () => {
    const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 400 });
    const property = fc.property(key, key, (one, other) => {
      for (const each of [one, other]) {
        const names = [segmentOf(upload(each), 999).key, markOf(upload(each)).key];
        for (const name of names) {
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(1024);
          expect(() => encodeURIComponent(name)).not.toThrow();
        }
      }
      expect(segmentPrefix(upload(one)) === segmentPrefix(upload(other))).toBe(one === other);
    });
    fc.assert(property, { numRuns: 60 });
    expect(Buffer.byteLength(segmentOf(upload('語'.repeat(341)), 1).key)).toBeLessThanOrEqual(1024);
  });

  it('are read back, and what is no mark is not', () => {
    expect(readMark(markOf(upload('a//b/')).key)).toEqual({ base: 'a//b/', uploadId, isCut: false });
    expect(readMark(markOf(upload('x'.repeat(1000))).key)).toMatchObject({ isCut: true });
    expect(readMark(`.stowage-uploads/${uploadId}x`)).toBeUndefined();
    expect(readMark('.stowage-uploads/a/b')).toBeUndefined();
  });

  it('are not made of an id that a token brings from elsewhere', () => {
    expect(() => markOf({ ref: { container: 'c', key: 'k' }, uploadId: '../x' })).toThrow(/not begun by this driver/);
  });

  it('are cut between characters', () => {
    expect(cutAt('aé語', 2)).toBe('a');
    expect(cutAt('aé語', 3)).toBe('aé');
    expect(cutAt('\u{1f600}b', 3)).toBe('');
  });
});

describe('segments of a dynamic large object', () => {
  it('in a container for segments are all that lies below the folder', () => {
    const segments = dynamicSegments('c_segments/a%20b/1/', 'c');
    expect(segments).toMatchObject({ container: 'c_segments', prefix: 'a b/1/' });
    expect(['a b/1/0', 'a b/1/x', 'a b/2'].map((name) => segments?.isSegment(name))).toEqual([true, true, false]);
  });

  it("beside the object are Libcloud's numbered parts only, so that no neighbour is deleted", () => {
    const segments = dynamicSegments('c/photo/', 'c');
    expect(['photo/00000001', 'photo/me.jpg', 'photo'].map((name) => segments?.isSegment(name))).toEqual([
      true,
      false,
      false,
    ]);
    const withoutSlash = dynamicSegments('c_segments/photo', 'c');
    expect(['photo/1/2', 'photographs'].map((name) => withoutSlash?.isSegment(name))).toEqual([true, false]);
  });

  it('cannot be a whole container', () => {
    for (const manifest of ['c/', 'c', '', '/']) expect(dynamicSegments(manifest, 'c')).toBeUndefined();
  });
});
