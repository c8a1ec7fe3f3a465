/** What Python's `str.strip()` strips: unlike `trim`, also U+001C to U+001F and U+0085, and not U+FEFF. */
const PYTHON_SPACE = '[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const OUTER_SPACE = new RegExp(`^${PYTHON_SPACE}+|${PYTHON_SPACE}+$`, 'gu');

/** Strips Unicode white space as Python does. */
export function strip(text: string): string {
  return text.replace(OUTER_SPACE, '');
}

/** Everything but Python's word characters (letters, numbers, underscore; not combining marks), hyphen and dot. */
const NOT_IN_FILE_NAMES = /[^-_.\p{L}\p{N}]/gu;

/** Removes what Django removes from file names. */
export function removeUnusualCharacters(text: string): string {
  return text.replace(NOT_IN_FILE_NAMES, '');
}

/** Counts code points, as Python's `len` does. */
export function codePointLength(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** Cuts the last `count` code points off. */
export function cutLast(text: string, count: number): string {
  return Array.from(text).slice(0, -count).join('');
}
