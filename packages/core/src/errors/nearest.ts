/** Longer names get no suggestion: nobody mistypes that much, and the work stays small for hostile input. */
const longestName = 80;

/** Case and the choice between `-` and `_` are not counted as errors. */
function fold(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

/** Counts insertions, deletions, replacements and swaps of neighbours that turn one string into the other. */
export function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const costs = [
        (previous[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (previous[column - 1] as number) + (same ? 0 : 1),
      ];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) costs.push((beforePrevious[column - 2] as number) + 1);
      current.push(Math.min(...costs));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] as number;
}

/**
 * Names that the writer of `wanted` may have meant, nearest first; none when nothing is near. Up to a third of the letters
 * may be wrong.
 */
export function nearestNames(wanted: string, known: Iterable<string>, limit = 3): string[] {
  if (wanted.length === 0 || wanted.length > longestName) return [];
  const target = fold(wanted);
  const furthest = Math.max(1, Math.floor(target.length / 3));
  return [...known]
    .filter((name) => Math.abs(name.length - target.length) <= furthest)
    .map((name) => ({ name, distance: editDistance(target, fold(name)) }))
    .filter(({ distance }) => distance <= furthest)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, limit)
    .map(({ name }) => name);
}

/** ` Did you mean "a" or "b"?`, or nothing when nothing is near: fit to follow a sentence. */
export function didYouMean(wanted: string, known: Iterable<string>): string {
  const names = nearestNames(wanted, known).map((name) => `"${name}"`);
  return names.length === 0 ? '' : ` Did you mean ${names.join(' or ')}?`;
}
