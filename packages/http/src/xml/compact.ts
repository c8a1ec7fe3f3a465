/** Rows whose strings share one piece of memory. */
const GROUP = 32;

/**
 * Moves the strings of a page, in place, into small pieces of memory of their own: they were cut out of the page's text, and one
 * key that a caller keeps would keep all of the page alive. Joining and cutting again is several times faster than copying each.
 */
export function compactFields<Field extends string>(
  rows: readonly { [name in Field]?: string | undefined }[],
  fields: readonly Field[],
): void {
  for (let first = 0; first < rows.length; first += GROUP) {
    const end = Math.min(first + GROUP, rows.length);
    const parts: string[] = [];
    for (let index = first; index < end; index += 1) {
      for (const field of fields) parts.push(rows[index]?.[field] ?? '');
    }
    const joined = parts.join('');
    let at = 0;
    for (let index = first; index < end; index += 1) {
      const row = rows[index] as { [name in Field]?: string | undefined };
      for (const field of fields) {
        const length = row[field]?.length;
        if (length !== undefined) row[field] = joined.slice(at, (at += length));
      }
    }
  }
}

/** As `compactFields`, for plain strings. */
export function compactStrings(strings: readonly string[]): string[] {
  const rows = strings.map((value) => ({ value }));
  compactFields(rows, ['value']);
  return rows.map(({ value }) => value);
}
