import { describe, expect, it } from 'vitest';
import { type ObjectRow, toObjectPage } from '../src/listing.js';

const row = (name: string, more: Partial<ObjectRow> = {}): ObjectRow => ({
  ...{ name, bytes: 1, hash: 'fbade9e36a3f36d3d676c1b808451dd7', content_type: 'text/plain' },
  last_modified: '2026-11-23T09:34:18.757380',
  ...more,
});

describe('a page of a listing', () => {
  it('has records and prefixes, and the name after which the next page begins', () => {
    const rows = [row('a'), { subdir: 'b/' } as ObjectRow];
    expect(toObjectPage(rows, 2)).toEqual({
      objects: [
        {
          ...{ key: 'a', size: 1, etag: 'fbade9e36a3f36d3d676c1b808451dd7', contentType: 'text/plain' },
          modifiedAtMs: Date.UTC(2026, 10, 23, 9, 34, 18, 757),
        },
      ],
      prefixes: ['b/'],
      next: 'b/',
    });
    expect(toObjectPage(rows, 3).next).toBeUndefined();
    expect(toObjectPage([], 3)).toEqual({ objects: [], prefixes: [], next: undefined });
  });

  it('tells the ETag of a static large object rather than that of its manifest', () => {
    const rows = [row('a', { slo_etag: '"99fe9364b1ea9ce4ac1503f666e08099"' })];
    expect(toObjectPage(rows, 2).objects[0]?.etag).toBe('99fe9364b1ea9ce4ac1503f666e08099');
  });

  it('tells no size where only that of a manifest is known', () => {
    const manifest = { bytes: 161, hash: 'd41d8cd98f00b204e9800998ecf8427e' };
    const sizes = (rows: readonly ObjectRow[]): unknown => toObjectPage(rows, 9, false).objects.map(({ size }) => size);
    expect(sizes([row('large', manifest), row('empty', { ...manifest, bytes: 0 }), row('plain')])).toEqual([
      undefined,
      0,
      1,
    ]);
  });
});
