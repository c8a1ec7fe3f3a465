import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineCrc, combineCrcs, type CrcAlgorithm, isCrcAlgorithm } from '../../src/checksum/combine.js';
import { DIGEST_HEX_DIGITS, digestOf } from '../../src/checksum/digest.js';
import type { ChecksumAlgorithm } from '../../src/spi/checksums.js';

const CRCS: readonly CrcAlgorithm[] = ['crc32', 'crc32c', 'crc64nvme'];

describe.each(CRCS)('%s of a whole from its parts', (algorithm) => {
  it('is that of the whole, for any parts, empty ones included', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (chunks) => {
        const parts = chunks.map((chunk) => ({ value: digestOf(algorithm, chunk), size: chunk.length }));
        expect(combineCrcs(algorithm, parts)).toBe(digestOf(algorithm, Buffer.concat(chunks)));
      }),
    );
  });

  it('does not depend on how the parts are grouped, at sizes beyond 32 bits', () => {
    const parts = ['a', 'bb', 'ccc'].map((text) => digestOf(algorithm, Buffer.from(text)));
    const [a, b, c] = parts as [string, string, string];
    const size = 5 * 2 ** 40 + 3;
    const leftFirst = combineCrc(algorithm, combineCrc(algorithm, a, b, size), c, 7);
    const rightFirst = combineCrc(algorithm, a, combineCrc(algorithm, b, c, 7), size + 7);
    expect(leftFirst).toBe(rightFirst);
  });
});

it('tells which algorithms can be combined', () => {
  const all = Object.keys(DIGEST_HEX_DIGITS) as ChecksumAlgorithm[];
  expect(all.filter(isCrcAlgorithm)).toEqual(CRCS);
});
