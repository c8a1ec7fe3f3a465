/** What a listing shows of the keys: those with a prefix, where a delimiter folds those behind it into common prefixes. */
export interface WalkQuery {
  readonly prefix: string;
  readonly delimiter: string;
  /** Rows of a page; a common prefix is one. */
  readonly maxKeys: number;
}

export interface Walk {
  readonly items: readonly string[];
  readonly prefixes: readonly string[];
  /** The last key or common prefix of the page when there is more. */
  readonly last: string | undefined;
}

/** Walks keys, in UTF-8 order, from just behind `after`; a common prefix counts as one row. */
export function walk(
  keys: readonly string[],
  after: string,
  { prefix, delimiter, maxKeys }: WalkQuery,
  isShown: (key: string) => boolean = () => true,
): Walk {
  const items: string[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  const start = Math.max(after === '' ? 0 : firstBehind(keys, after), firstFrom(keys, prefix));
  for (let index = start; index < keys.length; index += 1) {
    const key = keys[index] as string;
    if (!key.startsWith(prefix)) break;
    if (!isShown(key)) continue;
    const common = commonPrefix(key, prefix, delimiter);
    if (common !== undefined && (common === prefixes.at(-1) || (after.startsWith(common) && common <= after))) continue;
    if (items.length + prefixes.length === maxKeys) return { items, prefixes, last: last ?? '' };
    if (common === undefined) items.push(key);
    else prefixes.push(common);
    last = common ?? key;
  }
  return { items, prefixes, last: undefined };
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
}

/** Index of the first key that is not before the text. */
export function firstFrom(keys: readonly string[], text: string): number {
  return search(keys, text, (order) => order < 0);
}

function firstBehind(keys: readonly string[], text: string): number {
  return search(keys, text, (order) => order <= 0);
}

function search(keys: readonly string[], text: string, isBefore: (order: number) => boolean): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(compareBytes(keys[middle] as string, text))) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** UTF-8 order, which differs from JavaScript's for characters beyond the first plane. */
export function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
