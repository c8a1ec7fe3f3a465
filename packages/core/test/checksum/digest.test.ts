import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDigest, DIGEST_HEX_DIGITS, type Digest, digestOf, provideDigest } from '../../src/checksum/digest.js';
import type { ChecksumAlgorithm } from '../../src/spi/checksums.js';

const ALGORITHMS = Object.keys(DIGEST_HEX_DIGITS) as ChecksumAlgorithm[];
const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');

/** From RFC 1321, RFC 3174, FIPS 180-4, RFC 3720 appendix B.4 and the NVM Express command set specification, figure 120. */
const PUBLISHED: readonly (readonly [ChecksumAlgorithm, string, Buffer, string])[] = [
  ['md5', '"abc"', ascii('abc'), '900150983cd24fb0d6963f7d28e17f72'],
  ['md5', 'nothing', ascii(''), 'd41d8cd98f00b204e9800998ecf8427e'],
  ['sha1', '"abc"', ascii('abc'), 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['sha256', '"abc"', ascii('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['crc32', '"123456789"', ascii('123456789'), 'cbf43926'],
  ['crc32', 'nothing', ascii(''), '00000000'],
  ['crc32c', '"123456789"', ascii('123456789'), 'e3069283'],
  ['crc32c', 'nothing', ascii(''), '00000000'],
  ['crc32c', '32 bytes of zeros', Buffer.alloc(32), '8a9136aa'],
  ['crc32c', '32 bytes of ones', Buffer.alloc(32, 0xff), '62a8ab43'],
  ['crc32c', '32 bytes that count up', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), '46dd794e'],
  ['crc32c', '32 bytes that count down', Buffer.from(Array.from({ length: 32 }, (_, at) => 31 - at)), '113fdb5c'],
  ['crc64nvme', '"123456789"', ascii('123456789'), 'ae8b14860a799888'],
  ['crc64nvme', 'nothing', ascii(''), '0000000000000000'],
  ['crc64nvme', '4 KiB of zeros', Buffer.alloc(4096), '6482d367eb22b64e'],
  ['crc64nvme', '4 KiB of ones', Buffer.alloc(4096, 0xff), 'c0ddba7302eca3ac'],
];

describe('published values', () => {
  it.each(PUBLISHED)('%s of %s', (algorithm, _name, bytes, value) => {
    expect(digestOf(algorithm, bytes)).toBe(value);
    const digest = createDigest(algorithm);
    digest.update(bytes);
    expect(digest.hex()).toBe(value);
  });
});

describe.each(ALGORITHMS)('%s', (algorithm) => {
  it('is the same whole and in pieces, wherever it is split and however it lies in memory', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 8 });
    fc.assert(
      fc.property(pieces, fc.nat(8), (chunks, shift) => {
        const digest = createDigest(algorithm);
        for (const chunk of chunks) digest.update(chunk);
        const whole = Buffer.concat([Buffer.alloc(shift), ...chunks]).subarray(shift);
        const pieced = digest.hex();
        expect(pieced).toBe(digestOf(algorithm, whole));
        expect(pieced).toMatch(new RegExp(`^[0-9a-f]{${DIGEST_HEX_DIGITS[algorithm]}}$`));
      }),
    );
  });

  it('changes with any single bit', () => {
    const bytes = Buffer.from(Array.from({ length: 45 }, (_, at) => (at * 37) & 255));
    const digests = new Set([digestOf(algorithm, bytes)]);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = damaged[bit >> 3]! ^ (1 << (bit & 7));
      digests.add(digestOf(algorithm, damaged));
    }
    expect(digests.size).toBe(1 + bytes.length * 8);
  });
});

describe('provideDigest', () => {
  /** CRC-32C bit by bit, as its definition reads; `made` counts the digests begun. */
  function slowCrc32c(made: { count: number }): () => Digest {
    return () => {
      made.count++;
      let crc = ~0;
      return {
        update: (bytes) => {
          for (const byte of bytes) {
            crc ^= byte;
            for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
          }
        },
        hex: () => (~crc >>> 0).toString(16).padStart(8, '0'),
      };
    };
  }

  it('is used from then on and until it is undone', () => {
    const made = { count: 0 };
    const undo = provideDigest('crc32c', slowCrc32c(made));
    made.count = 0;
    expect(digestOf('crc32c', ascii('123456789'))).toBe('e3069283');
    expect(made.count).toBe(1);
    undo();
    expect(digestOf('crc32c', ascii('123456789'))).toBe('e3069283');
    expect(made.count).toBe(1);
  });

  it('refuses code that computes something else', () => {
    expect(() => provideDigest('crc64nvme', slowCrc32c({ count: 0 }))).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringMatching(/does not compute crc64nvme/),
      }),
    );
    expect(digestOf('crc64nvme', ascii('123456789'))).toBe('ae8b14860a799888');
  });
});
