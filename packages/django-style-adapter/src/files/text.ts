import { ValueError } from '../errors.js';

/** Decodes UTF-8 as Python does: strictly, and a byte order mark is a character. */
export function decodeText(bytes: Uint8Array, fileName: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ValueError(`${fileName} is not UTF-8 text. Open it in mode "rb" for its bytes.`, { cause });
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Tells how many bytes a character takes by its first byte; 1 for a byte that begins none. */
function characterBytes(first: number): number {
  if (first >= 0xf0 && first < 0xf8) return 4;
  if (first >= 0xe0) return first < 0xf0 ? 3 : 1;
  return first >= 0xc0 ? 2 : 1;
}

/** Finds where `count` characters of UTF-8 end. `missing` is how many more are needed, when the bytes end before. */
export function endOfCharacters(bytes: Uint8Array, count: number): { readonly end: number; readonly missing: number } {
  let end = 0;
  for (let seen = 0; seen < count; seen += 1) {
    const next = end + characterBytes(bytes[end] ?? 0);
    if (end >= bytes.length || next > bytes.length) return { end, missing: count - seen };
    end = next;
  }
  return { end, missing: 0 };
}

/**
 * Finds where the line at the front ends, searching from `from`: after LF, CR LF, or a CR that no LF follows. Undefined when
 * the bytes do not tell yet, as after a CR at their very end.
 */
export function endOfLine(bytes: Buffer, from: number): number | undefined {
  for (let index = from; index < bytes.length; index += 1) {
    if (bytes[index] === LINE_FEED) return index + 1;
    if (bytes[index] !== CARRIAGE_RETURN) continue;
    if (index + 1 === bytes.length) return undefined;
    return bytes[index + 1] === LINE_FEED ? index + 2 : index + 1;
  }
  return undefined;
}
