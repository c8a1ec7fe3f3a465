import { endianness } from 'node:os';

/** The Castagnoli polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const TABLES = 8;

let tables: Int32Array | undefined;

/** Eight tables of 256 rows: row `t * 256 + b` is the CRC of byte `b` followed by `t` zero bytes. Made when first needed. */
function makeTables(): Int32Array {
  const rows = new Int32Array(TABLES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    rows[byte] = crc;
  }
  for (let row = 256; row < rows.length; row++) {
    const before = rows[row - 256] as number;
    rows[row] = (rows[before & 255] as number) ^ (before >>> 8);
  }
  return rows;
}

function updateByBytes(crc: number, bytes: Uint8Array, start: number, end: number, table: Int32Array): number {
  for (let at = start; at < end; at++) {
    crc = (table[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  }
  return crc;
}

/** Eight bytes a step ("slicing by 8"), read as two little-endian words. `words` has an even length. */
function updateByWords(crc: number, words: Int32Array, table: Int32Array): number {
  for (let at = 0; at < words.length; at += 2) {
    const a = (words[at] as number) ^ crc;
    const b = words[at + 1] as number;
    crc =
      (table[1792 + (a & 255)] as number) ^
      (table[1536 + ((a >>> 8) & 255)] as number) ^
      (table[1280 + ((a >>> 16) & 255)] as number) ^
      (table[1024 + (a >>> 24)] as number) ^
      (table[768 + (b & 255)] as number) ^
      (table[512 + ((b >>> 8) & 255)] as number) ^
      (table[256 + ((b >>> 16) & 255)] as number) ^
      (table[b >>> 24] as number);
  }
  return crc;
}

const wordsAreLittleEndian = endianness() === 'LE';

/** CRC-32C of `before` (0 for none) followed by `bytes`, as an unsigned number. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const table = (tables ??= makeTables());
  const head = wordsAreLittleEndian ? Math.min(-bytes.byteOffset & 3, bytes.length) : bytes.length;
  const wordCount = ((bytes.length - head) >>> 3) * 2;
  let crc = updateByBytes(~before, bytes, 0, head, table);
  if (wordCount > 0) {
    crc = updateByWords(crc, new Int32Array(bytes.buffer, bytes.byteOffset + head, wordCount), table);
  }
  return ~updateByBytes(crc, bytes, head + wordCount * 4, bytes.length, table) >>> 0;
}
