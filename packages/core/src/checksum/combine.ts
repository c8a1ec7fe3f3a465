import type { ChecksumAlgorithm } from '../spi/checksums.js';

/** Checksums of a whole that can be computed from the checksums of its parts. */
export type CrcAlgorithm = Extract<ChecksumAlgorithm, 'crc32' | 'crc32c' | 'crc64nvme'>;

interface Field {
  readonly bits: bigint;
  /** Bits reversed, without the leading term. */
  readonly polynomial: bigint;
}

const FIELDS: Readonly<Record<CrcAlgorithm, Field>> = {
  crc32: { bits: 32n, polynomial: 0xedb88320n },
  crc32c: { bits: 32n, polynomial: 0x82f63b78n },
  crc64nvme: { bits: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
};

export function isCrcAlgorithm(algorithm: ChecksumAlgorithm): algorithm is CrcAlgorithm {
  return Object.hasOwn(FIELDS, algorithm);
}

/** Multiplies two polynomials over GF(2), modulo the CRC's own. The highest bit is the term of degree 0. */
function multiply(a: bigint, b: bigint, { bits, polynomial }: Field): bigint {
  let product = 0n;
  for (let mask = 1n << (bits - 1n); mask > 0n; mask >>= 1n) {
    if (a & mask) product ^= b;
    b = b & 1n ? (b >> 1n) ^ polynomial : b >> 1n;
  }
  return product;
}

/** x to the power of `8 * size`: what `size` further bytes multiply a CRC by. */
function shiftOf(size: number, field: Field): bigint {
  const one = 1n << (field.bits - 1n);
  let [power, shift] = [one >> 8n, one];
  for (let rest = BigInt(size); rest > 0n; rest >>= 1n) {
    if (rest & 1n) shift = multiply(shift, power, field);
    power = multiply(power, power, field);
  }
  return shift;
}

/** Parts of one transfer are almost all of one size. */
let lastShift: { readonly algorithm: CrcAlgorithm; readonly size: number; readonly shift: bigint } | undefined;

/**
 * Computes the CRC of two byte strings put together from the CRC of each and the length of the second, without the bytes.
 * The method is that of zlib's `crc32_combine`.
 */
export function combineCrc(algorithm: CrcAlgorithm, first: string, second: string, secondSize: number): string {
  const field = FIELDS[algorithm];
  if (lastShift?.algorithm !== algorithm || lastShift.size !== secondSize) {
    lastShift = { algorithm, size: secondSize, shift: shiftOf(secondSize, field) };
  }
  const whole = multiply(lastShift.shift, BigInt(`0x${first}`), field) ^ BigInt(`0x${second}`);
  return whole.toString(16).padStart(Number(field.bits) / 4, '0');
}

/** Computes the CRC of parts in their order; of no parts, that of no bytes. */
export function combineCrcs(
  algorithm: CrcAlgorithm,
  parts: Iterable<{ readonly value: string; readonly size: number }>,
): string {
  let whole: string | undefined;
  for (const part of parts) {
    whole = whole === undefined ? part.value : combineCrc(algorithm, whole, part.value, part.size);
  }
  return whole ?? '0'.repeat(Number(FIELDS[algorithm].bits) / 4);
}
