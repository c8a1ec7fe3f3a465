import { endianness } from 'node:os';

/** The polynomial of the NVM Express specification, bits reversed, in two halves. */
const POLYNOMIAL_HIGH = 0x9a6c9329 | 0;
const POLYNOMIAL_LOW = 0xac4bc9b5 | 0;
const TABLES = 8;

interface Tables {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

let tables: Tables | undefined;

/** Eight tables of 256 rows in two halves: row `t * 256 + b` is the CRC of byte `b` followed by `t` zero bytes. */
function makeTables(): Tables {
  const [high, low] = [new Int32Array(TABLES * 256), new Int32Array(TABLES * 256)];
  for (let byte = 0; byte < 256; byte++) {
    let [h, l] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const carry = l & 1;
      l = ((l >>> 1) | (h << 31)) ^ (carry ? POLYNOMIAL_LOW : 0);
      h = (h >>> 1) ^ (carry ? POLYNOMIAL_HIGH : 0);
    }
    high[byte] = h;
    low[byte] = l;
  }
  for (let row = 256; row < high.length; row++) {
    const [h, l] = [high[row - 256] as number, low[row - 256] as number];
    low[row] = ((l >>> 8) | (h << 24)) ^ (low[l & 255] as number);
    high[row] = (h >>> 8) ^ (high[l & 255] as number);
  }
  return { high, low };
}

const wordsAreLittleEndian = endianness() === 'LE';

/** A running CRC-64/NVME: 64 bits in two signed halves, since numbers carry 53 and BigInt is slow. */
export class Crc64Nvme {
  #high = ~0;
  #low = ~0;

  update(bytes: Uint8Array): void {
    tables ??= makeTables();
    const head = wordsAreLittleEndian ? Math.min(-bytes.byteOffset & 3, bytes.length) : bytes.length;
    const wordCount = ((bytes.length - head) >>> 3) * 2;
    this.#updateByBytes(bytes, 0, head, tables);
    if (wordCount > 0) {
      this.#updateByWords(new Int32Array(bytes.buffer, bytes.byteOffset + head, wordCount), tables);
    }
    this.#updateByBytes(bytes, head + wordCount * 4, bytes.length, tables);
  }

  /** The CRC so far, as 16 digits of lower-case hexadecimal. */
  hex(): string {
    const [high, low] = [~this.#high >>> 0, ~this.#low >>> 0];
    return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
  }

  #updateByBytes(bytes: Uint8Array, start: number, end: number, { high, low }: Tables): void {
    let [h, l] = [this.#high, this.#low];
    for (let at = start; at < end; at++) {
      const row = (l ^ (bytes[at] as number)) & 255;
      l = ((l >>> 8) | (h << 24)) ^ (low[row] as number);
      h = (h >>> 8) ^ (high[row] as number);
    }
    this.#high = h;
    this.#low = l;
  }

  /** Eight bytes a step ("slicing by 8"), read as two little-endian words. `words` has an even length. */
  #updateByWords(words: Int32Array, { high, low }: Tables): void {
    let [h, l] = [this.#high, this.#low];
    for (let at = 0; at < words.length; at += 2) {
      const a = (words[at] as number) ^ l;
      const b = (words[at + 1] as number) ^ h;
      const r7 = 1792 + (a & 255);
      const r6 = 1536 + ((a >>> 8) & 255);
      const r5 = 1280 + ((a >>> 16) & 255);
      const r4 = 1024 + (a >>> 24);
      const r3 = 768 + (b & 255);
      const r2 = 512 + ((b >>> 8) & 255);
      const r1 = 256 + ((b >>> 16) & 255);
      const r0 = b >>> 24;
      l = xorRows(low, r7, r6, r5, r4) ^ xorRows(low, r3, r2, r1, r0);
      h = xorRows(high, r7, r6, r5, r4) ^ xorRows(high, r3, r2, r1, r0);
    }
    this.#high = h;
    this.#low = l;
  }
}

/** Small enough that V8 inlines it into the loop above. */
function xorRows(table: Int32Array, a: number, b: number, c: number, d: number): number {
  return (table[a] as number) ^ (table[b] as number) ^ (table[c] as number) ^ (table[d] as number);
}
