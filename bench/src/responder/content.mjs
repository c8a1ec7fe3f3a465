/** What every object of the responder holds: one block of fixed pseudo-random bytes, repeated from the object's first byte on. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const BLOCK_BYTES = 1_048_576;

/** Larger slices of the content are made of this many blocks in a row. */
const WINDOW_BLOCKS = 4;

/** xorshift32: the same bytes on every machine, without a pattern that anything could compress. */
function makeBlock() {
  const block = Buffer.alloc(BLOCK_BYTES);
  let state = 0x9e3779b9;
  for (let at = 0; at < BLOCK_BYTES; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    block.writeInt32LE(state | 0, at);
  }
  return block;
}

const block = makeBlock();
const window = Buffer.concat(Array.from({ length: WINDOW_BLOCKS + 1 }, () => block));

/**
 * The bytes from `start` on, at most `maxBytes` and as many as are at hand without a copy: at least one block.
 * @param {number} start @param {number} maxBytes
 */
export function contentFrom(start, maxBytes = Infinity) {
  const phase = start % BLOCK_BYTES;
  return window.subarray(phase, phase + Math.min(maxBytes, WINDOW_BLOCKS * BLOCK_BYTES));
}

/**
 * Where in the block these bytes are: bodies of parts begin anywhere in the content.
 * @param {Buffer} bytes @returns {number} -1 when they are nowhere
 */
export function phaseOf(bytes) {
  const head = bytes.subarray(0, 16);
  if (window.compare(head, 0, head.length, 0, head.length) === 0) return 0;
  const phase = window.indexOf(head);
  return phase === -1 ? -1 : phase % BLOCK_BYTES;
}

/** @typedef {'md5' | 'sha1' | 'sha256' | 'crc32' | 'crc32c'} Digest */

/** @type {Map<string, Buffer>} */
const digests = new Map();

/** @param {number} phase @param {number} size @returns {Generator<Buffer>} */
function* slices(phase, size) {
  for (let at = 0; at < size;) {
    const slice = contentFrom(phase + at, size - at);
    yield slice;
    at += slice.length;
  }
}

/** @param {number} phase @param {number} size */
function crc32Of(phase, size) {
  let value = 0;
  for (const slice of slices(phase, size)) value = crc32(slice, value);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** CRC-32C, bit by bit: computed once for each size. */
class Crc32c {
  #crc = 0xffffffff;

  /** @param {Buffer} bytes */
  update(bytes) {
    let crc = this.#crc;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
    this.#crc = crc;
  }

  digest() {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE((this.#crc ^ 0xffffffff) >>> 0);
    return bytes;
  }
}

/** @param {Digest} algorithm @param {number} phase @param {number} size */
function compute(algorithm, phase, size) {
  if (algorithm === 'crc32') return crc32Of(phase, size);
  const hash = algorithm === 'crc32c' ? new Crc32c() : createHash(algorithm);
  for (const slice of slices(phase, size)) hash.update(slice);
  return hash.digest();
}

/**
 * The digest of `size` bytes of the content, computed once: whoever compared a body with the content needs no hash of it.
 * @param {Digest} algorithm @param {number} phase @param {number} size
 */
export function digestOf(algorithm, phase, size) {
  const name = `${algorithm}:${phase}:${size}`;
  let digest = digests.get(name);
  if (!digest) {
    digest = compute(algorithm, phase, size);
    digests.set(name, digest);
  }
  return digest;
}

/** Larger objects have an ETag as an upload in parts leaves it. */
const MAX_MD5_BYTES = 67_108_864;

/** @param {number} phase @param {number} size without quotes */
export function etagOf(phase, size) {
  if (size <= MAX_MD5_BYTES) return digestOf('md5', phase, size).toString('hex');
  return `${createHash('md5').update(`${phase}:${size}`).digest('hex')}-128`;
}
