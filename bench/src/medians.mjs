/**
 * @typedef {import('./measure/meter.mjs').Figures} Figures
 * @typedef {{ client: string, op: string } & Figures} Row
 */

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Keeps the figures of all runs and gives one row, of medians, for each client and operation. */
export class Medians {
  /** @type {Map<string, { client: string, op: string, runs: Figures[] }>} */
  #cells = new Map();

  /** @param {string} client @param {string} op @param {Figures} figures */
  add(client, op, figures) {
    const name = `${client} ${op}`;
    const cell = this.#cells.get(name) ?? { client, op, runs: [] };
    cell.runs.push(figures);
    this.#cells.set(name, cell);
  }

  /** @returns {Row[]} */
  rows() {
    return [...this.#cells.values()].map(({ client, op, runs }) => ({
      client,
      op,
      cpuUs: round(median(runs.map((run) => run.cpuUs))),
      opsPerSecond: round(median(runs.map((run) => run.opsPerSecond))),
      rssMB: round(median(runs.map((run) => run.rssMB))),
    }));
  }
}

/** Four digits, whatever the magnitude. @param {number} value */
export function round(value) {
  return Number(value.toPrecision(4));
}
