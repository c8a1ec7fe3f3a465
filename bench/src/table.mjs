/** Prints figures for people. */

/** @typedef {import('./medians.mjs').Row} Row @typedef {import('./rounds.mjs').Ratio} Ratio */

/** @param {number} microseconds */
export function duration(microseconds) {
  if (microseconds < 10_000) return `${microseconds.toFixed(0)} µs`;
  return microseconds < 1e6 ? `${(microseconds / 1000).toFixed(0)} ms` : `${(microseconds / 1e6).toFixed(2)} s`;
}

/** @param {readonly (readonly string[])[]} lines the first column to the left, the others to the right */
function align(lines) {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))))
    .map((line) => line.join('  '))
    .join('\n');
}

/** @param {readonly Row[]} rows */
export function rowsTable(rows) {
  const ops = [...new Set(rows.map(({ op }) => op))];
  const blocks = ops.map((op) => {
    const lines = rows
      .filter((row) => row.op === op)
      .sort((a, b) => a.cpuUs - b.cpuUs)
      .map(({ client, cpuUs, opsPerSecond, rssMB }) => [
        client,
        duration(cpuUs),
        opsPerSecond < 20 ? duration(1e6 / opsPerSecond) : `${opsPerSecond.toFixed(0)}/s`,
        `${rssMB.toFixed(0)} MB`,
      ]);
    return align([[op, 'CPU', 'pace', op === 'list-memory' ? 'RSS above start' : 'RSS'], ...lines]);
  });
  return blocks.join('\n\n');
}

/** @param {readonly Ratio[]} ratios */
export function ratiosTable(ratios) {
  const lines = ratios.map(({ name, value, goal, met }) => [name, String(value), `<= ${goal}`, met ? 'met' : 'MISSED']);
  return align([['goal', 'value', 'at most', ''], ...lines]);
}
