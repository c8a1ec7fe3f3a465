import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStorageError } from '../../src/errors/storage-error.js';
import type { PartsCapabilities } from '../../src/spi/capabilities.js';
import {
  downloadRange,
  largestUpload,
  type PartsPlan,
  partSizeAt,
  planDownload,
  planUpload,
  type UploadPlanInput,
} from '../../src/transfer/plan.js';
import { Lab, type LabSettings, MIB } from './lab.js';

const TIB = 2 ** 40;

function plan(
  size: number | undefined,
  settings: LabSettings = {},
  options: UploadPlanInput['options'] = {},
): ReturnType<typeof planUpload> {
  return planUpload({ provider: 'lab', capabilities: new Lab(settings).driver.capabilities, size, options });
}

function refusalOf(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    if (isStorageError(error)) return error;
  }
  throw new Error('It was not refused.');
}

/** Limits as stores have them, and such as nobody has. */
const limits = fc
  .record({
    multipleOf: fc.constantFrom(1, 1, 256, 1000, 262_144),
    minBytes: fc.nat(6 * MIB),
    span: fc.integer({ min: 0, max: 64 * MIB }),
    maxParts: fc.integer({ min: 1, max: 12_000 }),
    sequential: fc.boolean(),
  })
  .map(({ multipleOf, minBytes, span, maxParts, sequential }): Partial<PartsCapabilities> => {
    const min = Math.max(1, minBytes);
    return {
      multipleOf,
      minBytes: min,
      maxBytes: (Math.ceil(min / multipleOf) + Math.ceil(span / multipleOf)) * multipleOf,
      maxParts,
      sequential,
    };
  });

describe('an upload of known size', () => {
  it('covers every byte exactly once, with parts that the store takes, or is refused', () => {
    fc.assert(
      fc.property(limits, fc.double({ min: 0, max: 1.2, noNaN: true }), (parts, share) => {
        const { minBytes, maxBytes, maxParts, multipleOf } = parts as PartsCapabilities;
        const size = Math.floor(share * maxBytes * maxParts);
        const settings = { parts: { ...parts, thresholdBytes: 0 }, put: { maxBytes: 0 } };
        if (size > maxBytes * maxParts) {
          expect(refusalOf(() => plan(size, settings)).code).toBe('invalid-argument');
          return;
        }
        const made = plan(size, settings) as PartsPlan;
        if (size === 0) return;
        const count = made.count!;
        expect(made.partSize % multipleOf).toBe(0);
        expect(made.partSize).toBeGreaterThanOrEqual(minBytes);
        expect(made.partSize).toBeLessThanOrEqual(maxBytes);
        expect(count).toBeLessThanOrEqual(maxParts);
        expect((count - 1) * made.partSize).toBeLessThan(size);
        expect(count * made.partSize).toBeGreaterThanOrEqual(size);
        expect(partSizeAt(made, count)).toBe(made.partSize);
      }),
    );
  });

  it('goes in one put up to the threshold, and in parts beyond it', () => {
    expect(plan(8 * MIB).kind).toBe('single');
    expect(plan(8 * MIB + 1)).toMatchObject({ kind: 'parts', partSize: 8 * MIB, count: 2, concurrency: 4 });
  });

  it('goes in parts beyond one part of the size that the caller chose', () => {
    expect(plan(100, {}, { partSize: 10 })).toMatchObject({ kind: 'parts', count: 10 });
    expect(plan(40 * MIB, {}, { partSize: 64 * MIB }).kind).toBe('single');
  });

  it('gets larger parts where it would have too many', () => {
    expect(plan(1000, { parts: { maxParts: 3 } }, { partSize: 10 })).toMatchObject({ partSize: 334, count: 3 });
  });

  it('is refused where the store cannot hold it', () => {
    expect(refusalOf(() => plan(65 * MIB, { parts: false })).message).toContain('one put takes at most 67108864 bytes');
    const capped = { parts: { maxObjectBytes: 5 * TIB } };
    expect(refusalOf(() => plan(5 * TIB + 1, capped)).message).toContain(`at most ${5 * TIB} bytes`);
    expect(plan(5 * TIB, capped)).toMatchObject({ partSize: Math.ceil((5 * TIB) / 10_000), count: 10_000 });
  });

  it('goes in one put when only a put can honour the condition, and is refused beyond it', () => {
    const settings = { parts: { conditions: [] }, put: { maxBytes: 100 * MIB } };
    expect(plan(20 * MIB, settings, { ifNoneMatch: '*' }).kind).toBe('single');
    const refusal = refusalOf(() => plan(101 * MIB, settings, { ifNoneMatch: '*' }));
    expect(refusal).toMatchObject({ code: 'unsupported', message: expect.stringContaining('"ifNoneMatch"') });
  });

  it.each([
    ['partSize', { partSize: 0 }],
    ['partSize', { partSize: 1.5 }],
    ['concurrency', { concurrency: -1 }],
    ['spoolBytes', { spoolBytes: Number.NaN }],
  ])('refuses a %s that is no count: %o', (name, options) => {
    const refusal = refusalOf(() => plan(1, {}, options));
    expect(refusal).toMatchObject({ code: 'invalid-argument', message: expect.stringContaining(`"${name}"`) });
  });

  it.each([4 * MIB, 5 * MIB + 1, 65 * MIB])(
    'refuses parts of %d bytes for a body of any size, and names one that would do',
    (partSize) => {
      const parts = { minBytes: 5 * MIB, maxBytes: 64 * MIB, multipleOf: MIB };
      const { code, message } = refusalOf(() => plan(1, { parts }, { partSize }));
      expect(code).toBe('invalid-argument');
      const suggested = Number(/; (\d+) would do/.exec(message)?.[1]);
      expect(plan(1, { parts }, { partSize: suggested }).kind).toBe('single');
    },
  );
});

describe('an upload of unknown length', () => {
  it('has parts that grow so that the largest object of the store fits', () => {
    for (const maxObjectBytes of [TIB, 5 * TIB, 20 * TIB]) {
      const made = plan(undefined, { parts: { maxObjectBytes } }) as PartsPlan;
      expect(largestUpload(made)).toBeGreaterThanOrEqual(maxObjectBytes);
      // Half as much growth would not do: parts are no larger than they must be.
      expect(largestUpload({ ...made, growth: 1 + (made.growth - 1) / 2 })).toBeLessThan(maxObjectBytes);
    }
  });

  it('has parts that grow no faster than memory allows, even where the largest object would need it', () => {
    const made = plan(undefined, { parts: { maxObjectBytes: 50 * TIB } }) as PartsPlan;
    expect(made.growth).toBe(4);
    expect(largestUpload(made)).toBeGreaterThan(20 * TIB);
  });

  it('has parts that the store takes, never smaller than those before', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 2 ** 45 }), (parts, maxObjectBytes) => {
        const made = plan(undefined, { parts: { ...parts, maxObjectBytes } }) as PartsPlan;
        const { minBytes, maxBytes, maxParts, multipleOf } = parts as PartsCapabilities;
        let [sum, before, fits] = [0, 0, true];
        for (let number = 1; number <= maxParts; number++) {
          const size = partSizeAt(made, number);
          fits &&= size >= minBytes && size <= maxBytes && size % multipleOf === 0 && size >= before;
          sum += size;
          before = size;
        }
        expect(fits).toBe(true);
        expect(largestUpload(made)).toBe(sum);
      }),
      { numRuns: 15 },
    );
  });

  it('keeps its part size for the first tenth of the part numbers', () => {
    const made = plan(undefined, { parts: { maxObjectBytes: 5 * TIB } }) as PartsPlan;
    expect([1, 500, 1000].map((number) => partSizeAt(made, number))).toEqual([8 * MIB, 8 * MIB, 8 * MIB]);
    expect(partSizeAt(made, 1001)).toBeGreaterThan(8 * MIB);
  });

  it('goes in one put where there are no parts and the store needs no size', () => {
    expect(plan(undefined, { parts: false }).kind).toBe('single');
  });

  it('goes in one put where that takes any length and parts are never worth their while, unless they are asked for', () => {
    const settings = { parts: { thresholdBytes: TIB }, put: { maxBytes: TIB, unknownSize: true } };
    expect(plan(undefined, settings).kind).toBe('single');
    expect(plan(undefined, settings, { partSize: 8 * MIB }).kind).toBe('parts');
    expect(plan(undefined, { ...settings, put: { maxBytes: TIB, unknownSize: false } }).kind).toBe('parts');
  });

  it('is refused where the store needs the size, unless memory was granted', () => {
    const settings = { parts: false, put: { unknownSize: false } } as const;
    const refusal = refusalOf(() => plan(undefined, settings));
    expect(refusal).toMatchObject({ code: 'unsupported', message: expect.stringContaining('"spoolBytes"') });
    expect(plan(undefined, settings, { spoolBytes: 5000 })).toMatchObject({ kind: 'spool', maxBytes: 5000 });
  });

  it('is held in memory up to one part where only a put can honour the condition', () => {
    const settings = { parts: { conditions: [] }, put: { unknownSize: false } };
    expect(plan(undefined, settings, { ifMatch: 'x' })).toMatchObject({ kind: 'spool', maxBytes: 8 * MIB });
  });

  it('sends one part at a time where the store takes them in order', () => {
    expect(plan(undefined, { parts: { sequential: true } }, { concurrency: 9 })).toMatchObject({ concurrency: 1 });
  });
});

describe('a download', () => {
  it('reads every byte of the range exactly once', () => {
    const range = fc.tuple(fc.nat(2 ** 40), fc.nat(2 ** 30));
    fc.assert(
      fc.property(
        range,
        fc.integer({ min: 1000, max: 2 ** 28 }),
        fc.integer({ min: 1, max: 99 }),
        ([start, size], partSize, concurrency) => {
          fc.pre(size / partSize < 5000);
          const made = planDownload({ start, end: start + size }, { partSize, concurrency });
          let position = start;
          for (let index = 0; index < made.count; index++) {
            const piece = downloadRange(made, index);
            expect(piece.start).toBe(position);
            expect(piece.end - piece.start).toBeGreaterThan(0);
            expect(piece.end - piece.start).toBeLessThanOrEqual(partSize);
            position = piece.end;
          }
          expect(position).toBe(start + size);
          expect(made.concurrency).toBeLessThanOrEqual(Math.max(1, made.count));
        },
      ),
    );
  });
});
