import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Keys and messages come from strangers: nothing of them may move the cursor, hide text or begin a new line. */
// eslint-disable-next-line no-control-regex -- that is what it is for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text of a stranger as one line: control characters are shown as `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A stream that may be a terminal. */
export type Terminal = Writable & { readonly isTTY?: boolean };

/** Where results and remarks go. Results are the only thing on the standard output. */
export class Output {
  readonly stdout: Writable;
  readonly stderr: Terminal;
  /** Results are JSON, one value in a line. */
  readonly json: boolean;
  readonly quiet: boolean;

  constructor(streams: { stdout: Writable; stderr: Terminal }, modes: { json: boolean; quiet: boolean }) {
    this.stdout = streams.stdout;
    this.stderr = streams.stderr;
    this.json = modes.json;
    this.quiet = modes.quiet;
  }

  /** Prints one line of a result, in the one form or the other, and waits while its reader is slow. */
  async result(text: string, value: unknown): Promise<void> {
    const line = this.json ? JSON.stringify(value) : printable(text);
    if (!this.stdout.write(`${line}\n`)) await once(this.stdout, 'drain');
  }

  /** Prints rows as columns, or the values as they are. */
  async table(rows: readonly (readonly string[])[]): Promise<void> {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    for (const row of rows) {
      const cells = row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)));
      await this.result(cells.join('  ').trimEnd(), row);
    }
  }

  /** Tells a person something that is no result. */
  remark(text: string): void {
    if (!this.quiet && !this.json) this.stderr.write(`${printable(text)}\n`);
  }

  /** Tells of a failure or a danger, also when it is to be quiet. */
  warn(text: string): void {
    this.stderr.write(`stowage: ${printable(text)}\n`);
  }
}
